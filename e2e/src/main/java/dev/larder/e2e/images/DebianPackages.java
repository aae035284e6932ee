package dev.larder.e2e.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Debian packages, downloaded and unpacked into the cache. Nothing is installed on the machine. */
final class DebianPackages {
    private static final Duration DOWNLOAD = Duration.ofMinutes(3);
    private static final Duration LOCAL = Duration.ofSeconds(30);
    private static final List<String> APT = List.of("-o", "APT::Sandbox::User=root");

    private final Workspace workspace;
    private final Consumer<String> progress;

    DebianPackages(Workspace workspace, Consumer<String> progress) {
        this.workspace = workspace;
        this.progress = progress;
    }

    /** A package's files below {@code files}, and what dpkg knows of it in {@code control}. */
    record Unpacked(String name, String version, Path folder) {
        Path files() {
            return folder.resolve("files");
        }

        Path control() {
            return folder.resolve("control");
        }
    }

    /** The newest version the package sources of this machine know. */
    Unpacked unpack(String name) {
        String version = candidate(name);
        Path folder = workspace.cached("debian", name + "_" + version.replace(':', '-'), target -> {
            progress.accept("Fetching Debian package " + name + " " + version);
            download(name, version, target);
        });
        return new Unpacked(name, version, folder);
    }

    private static void download(String name, String version, Path target) throws IOException {
        Path here = Files.createDirectory(target.resolve("archive"));
        Command.run(here, DOWNLOAD, apt("apt-get", "download", name + "=" + version));
        try (Stream<Path> downloaded = Files.list(here)) {
            Path archive = downloaded.findFirst().orElseThrow();
            Path files = Files.createDirectory(target.resolve("files"));
            Command.run(here, LOCAL, List.of("dpkg-deb", "-x", archive.toString(), files.toString()));
            String control = Command.run(here, LOCAL, List.of("dpkg-deb", "-f", archive.toString()));
            Files.writeString(target.resolve("control"), control, StandardOpenOption.CREATE_NEW);
        }
        Workspace.delete(here);
    }

    private static String candidate(String name) {
        String known = askForCandidate(name);
        if (known.isEmpty()) {
            // A new machine has no package lists yet.
            Command.run(Path.of("/"), DOWNLOAD, apt("apt-get", "update", "-q"));
            known = askForCandidate(name);
        }
        if (known.isEmpty()) {
            throw new ImageBuildException("apt knows no package " + name
                    + ": the images are built on Debian or Ubuntu, with working package sources.");
        }
        return known;
    }

    private static String askForCandidate(String name) {
        return Command.run(Path.of("/"), LOCAL, List.of("apt-cache", "policy", name))
                .lines()
                .map(String::strip)
                .filter(line -> line.startsWith("Candidate:"))
                .map(line -> line.substring("Candidate:".length()).strip())
                .filter(version -> !version.equals("(none)"))
                .findFirst()
                .orElse("");
    }

    private static List<String> apt(String tool, String... arguments) {
        return Stream.of(Stream.of(tool), APT.stream(), Stream.of(arguments))
                .flatMap(part -> part)
                .toList();
    }
}
