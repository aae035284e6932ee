package dev.larder.e2e.images;

import dev.larder.e2e.process.Command;
import dev.larder.e2e.toolchain.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** A Java runtime of just the modules a program needs, linked from the JDK that runs this build. */
final class JavaRuntime {
    private static final Duration LINK = Duration.ofMinutes(3);
    private static final List<String> OPTIONS = List.of("--strip-debug", "--no-header-files", "--no-man-pages");
    /** Parts of every linked runtime that no program of ours uses. */
    private static final List<String> UNUSED = List.of("bin/keytool", "lib/jexec", "lib/jrt-fs.jar", "lib/classlist");

    private JavaRuntime() {}

    /** The runtime's folder in the cache. */
    static Path link(Workspace workspace, List<String> modules, Progress progress) throws IOException {
        Path jdk = Path.of(System.getProperty("java.home"));
        String key = new InputsKey()
                .add(jdk.resolve("release"))
                .add(String.join(",", modules))
                .add(String.join(" ", OPTIONS))
                .add(String.join(" ", UNUSED))
                .hex();
        return workspace.cached("jre", key, folder -> {
            progress.say(
                    "Linking a Java " + Runtime.version().feature() + " runtime of " + modules.size() + " modules");
            Path image = folder.resolve("linked");
            Command.of(jlink(jdk, modules, image)).within(LINK).run();
            for (String unused : UNUSED) {
                Files.deleteIfExists(image.resolve(unused));
            }
            moveUp(image);
        });
    }

    private static List<String> jlink(Path jdk, List<String> modules, Path output) {
        Stream<String> tool =
                Stream.of(jdk.resolve("bin/jlink").toString(), "--add-modules", String.join(",", modules));
        Stream<String> target = Stream.of("--output", output.toString());
        return Stream.of(tool, OPTIONS.stream(), target).flatMap(part -> part).toList();
    }

    /** jlink wants to make its output folder itself. */
    private static void moveUp(Path image) throws IOException {
        try (Stream<Path> entries = Files.list(image)) {
            for (Path entry : entries.toList()) {
                Files.move(entry, image.resolveSibling(entry.getFileName()));
            }
        }
        Files.delete(image);
    }
}
