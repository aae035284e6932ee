package dev.larder.e2e.upstream;

import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/** A layer of unpacked packages. Jib knows no symbolic links, so a link becomes a copy of the file it leads to. */
final class PackageLayer {
    private PackageLayer() {}

    static FileEntriesLayer of(String name, List<Path> packages) throws IOException {
        FileEntriesLayer.Builder layer = FileEntriesLayer.builder().setName(name);
        for (Path folder : packages) {
            add(layer, folder);
        }
        return layer.build();
    }

    private static void add(FileEntriesLayer.Builder layer, Path folder) throws IOException {
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path path : tree.sorted().toList()) {
                String inImage = "/" + folder.relativize(path);
                // Documentation and locales are most of many packages and of no use in an image.
                if (path.equals(folder)
                        || inImage.startsWith("/usr/share/doc")
                        || inImage.startsWith("/usr/share/man")) {
                    continue;
                }
                Optional<Path> file = followed(folder, path);
                if (file.isPresent()) {
                    layer.addEntry(file.get(), AbsoluteUnixPath.get(inImage), permissions(file.get()), Instant.EPOCH);
                }
            }
        }
    }

    /** The recipe's copies and empty folders. */
    static FileEntriesLayer additions(ImageRecipe recipe, List<Path> packages) throws IOException {
        FileEntriesLayer.Builder layer = FileEntriesLayer.builder().setName("additions");
        for (var copy : recipe.copies().entrySet()) {
            String source = copy.getValue().substring(1);
            Path file = packages.stream()
                    .map(folder -> folder.resolve(source))
                    .filter(Files::exists)
                    .findFirst()
                    .orElseThrow(() -> new IOException("no package of " + recipe.repository() + " has /" + source));
            layer.addEntry(file, AbsoluteUnixPath.get(copy.getKey()), permissions(file), Instant.EPOCH);
        }
        for (String folder : new TreeSet<>(recipe.folders())) {
            layer.addEntry(
                    packages.getFirst(),
                    AbsoluteUnixPath.get(folder),
                    FilePermissions.fromOctalString("777"),
                    Instant.EPOCH);
        }
        return layer.build();
    }

    /** Where a link leads inside the package; empty when that is in another package. */
    private static Optional<Path> followed(Path folder, Path path) throws IOException {
        if (!Files.isSymbolicLink(path)) {
            return Optional.of(path);
        }
        Path target = Files.readSymbolicLink(path);
        Path resolved = target.isAbsolute()
                ? folder.resolve(target.toString().substring(1))
                : path.resolveSibling(target).normalize();
        if (!resolved.startsWith(folder) || !Files.exists(resolved) || Files.isDirectory(resolved)) {
            return Optional.empty();
        }
        return Optional.of(resolved.toRealPath());
    }

    private static FilePermissions permissions(Path file) {
        return FilePermissions.fromOctalString(Files.isExecutable(file) ? "755" : "644");
    }
}
