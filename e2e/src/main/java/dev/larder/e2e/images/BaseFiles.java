package dev.larder.e2e.images;

import dev.larder.e2e.toolchain.DebianArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The lowest layer: the parts of Debian's C library that a Java runtime loads, the user the programs run as, and what
 * vulnerability scanners read to know the library's version. No shell, no package manager. TLS trust is the Java runtime's own.
 */
final class BaseFiles {
    private static final List<String> LIBRARIES = List.of(
            "libc.so.6",
            "libm.so.6",
            "libdl.so.2",
            "libpthread.so.0",
            "librt.so.1",
            "libresolv.so.2",
            "libnss_dns.so.2",
            "libnss_files.so.2");
    private static final Map<String, String> ETC = Map.of(
            "etc/passwd",
            "root:x:0:0:root:/:/usr/sbin/nologin\nlarder:x:65532:65532:larder:/:/usr/sbin/nologin\n",
            "etc/group",
            "root:x:0:\nlarder:x:65532:\n",
            "etc/nsswitch.conf",
            "passwd: files\ngroup: files\nhosts: files dns\n");

    private static final List<String> PACKAGES = List.of("libc6", "base-files");

    private BaseFiles() {}

    /** What the layer is made from, for deciding whether it must be made again. */
    static String version(DebianArchive packages) {
        return PACKAGES.stream()
                .map(name -> name + "=" + packages.newest(name).version())
                .collect(Collectors.joining(" ", "", " " + LIBRARIES + new TreeMap<>(ETC)));
    }

    /** Lays the layer's files into a folder that becomes the image's root. */
    static void lay(DebianArchive packages, Architecture architecture, Path root) throws IOException {
        DebianArchive.Unpacked libc = packages.newest("libc6");
        Path libraries = Files.createDirectories(root.resolve("lib").resolve(architecture.gnuTriple()));
        for (String library : LIBRARIES) {
            Files.copy(find(libc, library), libraries.resolve(library));
        }
        Path loader = root.resolve(architecture.loader());
        Files.createDirectories(loader.getParent());
        Files.copy(find(libc, loader.getFileName().toString()), loader);

        DebianArchive.Unpacked release = packages.newest("base-files");
        Files.createDirectories(root.resolve("etc"));
        Files.copy(find(release, "os-release"), root.resolve("etc/os-release"));
        for (Map.Entry<String, String> file : ETC.entrySet()) {
            Files.writeString(root.resolve(file.getKey()), file.getValue());
        }
        Files.createDirectory(root.resolve("tmp"));
        for (DebianArchive.Unpacked each : List.of(libc, release)) {
            describe(each, root);
        }
    }

    private static void describe(DebianArchive.Unpacked unpacked, Path root) throws IOException {
        Path status = Files.createDirectories(root.resolve("var/lib/dpkg/status.d"));
        Files.copy(unpacked.control(), status.resolve(unpacked.name()));
        Path copyright = Path.of("usr/share/doc", unpacked.name(), "copyright");
        Path target = root.resolve(copyright);
        Files.createDirectories(target.getParent());
        Files.copy(unpacked.files().resolve(copyright), target);
    }

    /** Debian moved its libraries from /lib to /usr/lib; the name is the same in both. */
    private static Path find(DebianArchive.Unpacked unpacked, String fileName) throws IOException {
        try (Stream<Path> files = Files.walk(unpacked.files())) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> file.getFileName().toString().equals(fileName))
                    .findFirst()
                    .orElseThrow(() -> new ImageBuildException("Debian's package " + unpacked.name() + " "
                            + unpacked.version() + " has no file " + fileName + "."));
        }
    }
}
