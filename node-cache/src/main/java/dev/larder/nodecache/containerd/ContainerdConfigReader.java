package dev.larder.nodecache.containerd;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.PatternSyntaxException;
import org.tomlj.TomlArray;
import org.tomlj.TomlTable;

/**
 * Reads containerd's config.toml and what it imports, the way containerd does: the main file, then its imports in order
 * of their names, then theirs; what comes later counts.
 */
final class ContainerdConfigReader {

    private static final int MOST_FILES = 64;

    private final HostRoot node;

    ContainerdConfigReader(HostRoot node) {
        this.node = node;
    }

    /** @param candidates paths of the node; the first that exists is the main file */
    ContainerdFacts read(List<Path> candidates) throws IOException {
        for (Path candidate : candidates) {
            Optional<Path> real = node.real(candidate);
            if (real.isPresent() && Files.isRegularFile(node.under(real.get()))) {
                return readFrom(candidate);
            }
        }
        return ContainerdFacts.unknown("");
    }

    private ContainerdFacts readFrom(Path main) throws IOException {
        List<String> problems = new ArrayList<>();
        MirrorSettings on1 = new MirrorSettings();
        MirrorSettings on2 = new MirrorSettings();
        Deque<Path> pending = new ArrayDeque<>(List.of(main));
        Set<Path> seen = new LinkedHashSet<>();
        long version = 0;
        while (!pending.isEmpty() && seen.size() < MOST_FILES) {
            Path file = pending.removeFirst();
            if (!seen.add(file)) {
                continue;
            }
            Optional<TomlTable> content = parse(file, problems);
            if (content.isEmpty()) {
                continue;
            }
            Object written = content.get().get("version");
            long fileVersion = written instanceof Long number ? number : 1;
            version = version == 0 ? fileVersion : version;
            on1.replaceBy(MirrorSettings.on1(file, fileVersion, content.get()));
            on2.mergeWith(MirrorSettings.on2(file, fileVersion, content.get()));
            if (content.get().get("imports") instanceof TomlArray imports) {
                for (Object pattern : imports.toList()) {
                    pending.addAll(imported(file, String.valueOf(pattern), problems));
                }
            }
        }
        return new ContainerdFacts(
                on2.configPath(),
                on1.configPath(),
                Optional.of(on2.source().orElse(main)),
                version,
                on2.localPullForcedBy(),
                on2.mirrorsSection(),
                String.join("; ", problems));
    }

    private Optional<TomlTable> parse(Path file, List<String> problems) throws IOException {
        Path here = node.under(node.real(file).orElse(file));
        if (!Files.isRegularFile(here) || !Files.isReadable(here)) {
            problems.add(file + " cannot be read from here");
            return Optional.empty();
        }
        TomlDocument content = TomlDocument.of(new String(Files.readAllBytes(here), StandardCharsets.UTF_8));
        if (content.problem().isPresent()) {
            problems.add(file + ": " + content.problem().get());
            return Optional.empty();
        }
        return Optional.of(content.table());
    }

    /** As {@link #matches}; what is no path and no pattern is a problem. */
    private List<Path> imported(Path importer, String pattern, List<String> problems) throws IOException {
        try {
            return matches(importer, pattern, problems);
        } catch (InvalidPathException | PatternSyntaxException e) {
            problems.add("imports \"" + pattern + "\" of " + importer + " makes no sense: not read");
            return List.of();
        }
    }

    /** Files a pattern names: absolute, or beside the file that imports; a wildcard in the last part, as people write it. */
    private List<Path> matches(Path importer, String pattern, List<String> problems) throws IOException {
        Path path = importer.resolveSibling(pattern).normalize();
        Path folder = path.getParent() == null ? path : path.getParent();
        String name = String.valueOf(path.getFileName());
        if (folder.toString().matches(".*\\*.*")) {
            problems.add("imports \"" + pattern + "\" of " + importer + " has a wildcard in a folder: not read");
            return List.of();
        }
        Optional<Path> real = node.real(folder);
        if (real.isEmpty() || !node.isMounted(real.get())) {
            problems.add("imports \"" + pattern + "\" of " + importer + " cannot be seen from here");
            return List.of();
        }
        if (!name.matches(".*\\*.*")) {
            return List.of(path);
        }
        List<Path> files = new ArrayList<>();
        if (Files.isDirectory(node.under(real.get()))) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(node.under(real.get()), name)) {
                entries.forEach(entry -> files.add(folder.resolve(entry.getFileName())));
            } catch (DirectoryIteratorException e) {
                throw e.getCause();
            }
        }
        files.sort(null);
        return files;
    }
}
