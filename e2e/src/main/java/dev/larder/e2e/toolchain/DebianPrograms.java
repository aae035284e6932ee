package dev.larder.e2e.toolchain;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * Programs of Debian packages that run from the cache, with the libraries unpacked beside them, on a machine that has
 * neither.
 *
 * @param packages the programs' packages, and those of the libraries that a small Debian does not have
 */
public record DebianPrograms(String name, List<String> packages, List<Program> programs) {

    /** A command that we call by {@code name} and the unpacked program (with its first argument) that it stands for. */
    public record Program(String name, String target) {}

    public DebianPrograms {
        packages = List.copyOf(packages);
        programs = List.copyOf(programs);
    }

    /**
     * Where the unpacked packages lie, and the folder with a command for each program.
     */
    public record Prepared(Path unpacked, Path commands) {
        public Path command(String name) {
            return commands.resolve(name);
        }
    }

    public Prepared prepare(CacheFolder cache, Progress progress) {
        Path unpacked = new DebianArchive(cache, progress).unpacked(name, packages);
        String key = unpacked.getFileName() + "-" + Integer.toHexString(programs.hashCode());
        return new Prepared(unpacked, cache.entry("tools/" + key, folder -> wrap(unpacked, folder)));
    }

    /** Small scripts that start the unpacked programs with the unpacked libraries. */
    private void wrap(Path debian, Path folder) {
        try {
            String machine = machine(debian);
            Path libraries = debian.resolve("usr/lib").resolve(machine);
            Path baseLibraries = debian.resolve("lib").resolve(machine);
            for (Program program : programs) {
                Path script = folder.resolve(program.name);
                Files.writeString(script, """
                        #!/bin/sh
                        export LD_LIBRARY_PATH=%s:%s XTABLES_LIBDIR=%s/xtables
                        exec %s/%s "$@"
                        """.formatted(libraries, baseLibraries, libraries, debian, program.target));
                Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The name of the folders with libraries, as x86_64-linux-gnu: packages have one of them or both. */
    private static String machine(Path debian) throws IOException {
        for (String parent : List.of("usr/lib", "lib")) {
            Path folder = debian.resolve(parent);
            if (Files.isDirectory(folder)) {
                try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*-linux-gnu")) {
                    for (Path each : found) {
                        return each.getFileName().toString();
                    }
                }
            }
        }
        throw new IOException(debian + " has no folder of libraries, lib/*-linux-gnu");
    }
}
