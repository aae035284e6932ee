package dev.larder.e2e.toolchain;

import dev.larder.e2e.process.Command;
import dev.larder.e2e.process.CommandFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The machine's own Debian package sources, read through lists of our own in the cache: packages (also of another
 * architecture) are downloaded and unpacked, never installed, so no service starts and the machine stays as it was.
 */
public final class DebianArchive {
    private static final String SANDBOX = "APT::Sandbox::User=root";
    private static final Duration UPDATE = Duration.ofMinutes(3);

    private final CacheFolder cache;
    private final Progress progress;

    public DebianArchive(CacheFolder cache, Progress progress) {
        this.cache = cache;
        this.progress = progress;
    }

    /** The architecture of this machine in Debian's words, for example {@code amd64}. */
    public static String architecture() {
        return Command.of("dpkg", "--print-architecture").run().strip();
    }

    /**
     * A folder with these packages ({@code name} or {@code name:architecture}) unpacked over each other, without those
     * they depend on.
     */
    public Path unpacked(String name, List<String> packages) {
        String key = Integer.toHexString((architecture() + packages).hashCode());
        return cache.entry(
                "debian/" + name + "-" + key,
                folder -> progress.step("download and unpack " + name + " (Debian packages)", () -> {
                    Path archives = folder.resolve("archives");
                    download(archives, packages);
                    archivesIn(archives).forEach(archive -> unpack(archive, folder));
                    CacheFolder.delete(archives);
                }));
    }

    /**
     * The same, each package in a folder of its own whose name is the package's and its architecture's: {@code zlib1g_amd64},
     * {@code tzdata_all}.
     */
    public Path unpackedApart(String name, List<String> packages) {
        String key = Integer.toHexString((architecture() + packages).hashCode());
        return cache.entry("debian/" + name + "-" + key, folder -> {
            Path archives = folder.resolve("archives");
            download(archives, packages);
            for (Path archive : archivesIn(archives)) {
                String[] parts = archive.getFileName().toString().split("[_.]", -1);
                unpack(archive, folder.resolve(parts[0] + "_" + parts[parts.length - 2]));
            }
            CacheFolder.delete(archives);
        });
    }

    /**
     * A package's files below {@code files}, and what dpkg knows of it in the file {@code control}.
     */
    public record Unpacked(String name, String version, Path folder) {
        public Path files() {
            return folder.resolve("files");
        }

        public Path control() {
            return folder.resolve("control");
        }
    }

    /** The package in the newest version that the machine's package sources know: security updates come by themselves. */
    public Unpacked newest(String name) {
        String version = candidate(name);
        Path entry = cache.entry("debian/" + name + "_" + version.replace(':', '-'), folder -> {
            progress.say("Fetching Debian package " + name + " " + version);
            Path archives = folder.resolve("archives");
            download(archives, List.of(name + "=" + version));
            Path archive = archivesIn(archives).getFirst();
            unpack(archive, folder.resolve("files"));
            write(
                    folder.resolve("control"),
                    Command.of("dpkg-deb", "-f", archive.toString()).run());
            CacheFolder.delete(archives);
        });
        return new Unpacked(name, version, entry);
    }

    /** The version that would be installed, after the machine's own package lists. */
    private static String candidate(String name) {
        Optional<String> known = known(name);
        if (known.isEmpty()) {
            // A new machine has no package lists yet.
            Command.of("apt-get", "-o", SANDBOX, "update", "-q").within(UPDATE).run();
        }
        return known.or(() -> known(name))
                .orElseThrow(() -> new CommandFailure("apt knows no package " + name
                        + ": the images are built on Debian or Ubuntu, with working package sources."));
    }

    private static Optional<String> known(String name) {
        return Command.of("apt-cache", "policy", name)
                .with(Map.of("LC_ALL", "C.UTF-8"))
                .run()
                .lines()
                .map(String::strip)
                .filter(line -> line.startsWith("Candidate:"))
                .map(line -> line.substring("Candidate:".length()).strip())
                .filter(version -> !version.equals("(none)"))
                .findFirst();
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void unpack(Path archive, Path folder) {
        Command.of("dpkg", "-x", archive.toString(), folder.toString()).run();
    }

    private void download(Path into, List<String> packages) {
        try {
            Files.createDirectories(into);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var line = apt("download");
        line.addAll(packages);
        if (!Command.of(line).in(into).result().succeeded()) {
            // Lists that are missing or too old: the package may have had a security update since.
            Command.of(apt("update")).run();
            Command.of(line).in(into).run();
        }
    }

    private List<String> apt(String verb) {
        Path state = cache.root().resolve("debian/apt");
        try {
            Files.createDirectories(state.resolve("state/lists/partial"));
            Files.createDirectories(state.resolve("cache/archives/partial"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var line = new ArrayList<>(List.of("apt-get", "-q"));
        for (String option : List.of(
                "Dir::State=" + state.resolve("state"),
                "Dir::State::status=/var/lib/dpkg/status",
                "Dir::Cache=" + state.resolve("cache"),
                "APT::Architectures::=amd64",
                "APT::Architectures::=arm64",
                SANDBOX,
                "Acquire::Languages=none",
                "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false")) {
            line.add("-o");
            line.add(option);
        }
        line.add(verb);
        return line;
    }

    private static List<Path> archivesIn(Path folder) {
        var archives = new ArrayList<Path>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.deb")) {
            files.forEach(archives::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return archives;
    }
}
