package dev.larder.e2e.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/** The image of the node cache's three programs: their limits, their class path, and how they are trained. */
public final class NodeCacheImage {
    public static final String REFERENCE = "ghcr.io/larder-dev/node-cache:0.1.0";

    private static final String OWN_JAR = "larder-node-cache";
    private static final String LIB = JavaProgram.HOME + "/lib";
    private static final String MAINS = "dev.larder.nodecache.";

    /** Found with jdeps and by running every program; java.xml, java.sql and java.desktop are only named by unused classes. */
    private static final List<String> MODULES = List.of(
            "java.base",
            "java.logging",
            "java.management",
            "java.naming",
            "java.net.http",
            "jdk.crypto.ec",
            "jdk.management",
            "jdk.naming.dns",
            "jdk.unsupported");

    /** Of the node cache, beside those it has everywhere. */
    private static final List<String> IMAGE_FLAGS = List.of(
            "-XX:+ErrorFileToStderr",
            // The root file system is read-only: nothing may be unpacked at run time.
            "-Djava.library.path=" + LIB,
            "-Dvertx.disableFileCPResolving=true",
            "-Dvertx.disableFileCaching=true");

    private static final List<String> SMALL_FLAGS = List.of(
            "-XX:+UseSerialGC",
            "-XX:+UseCompactObjectHeaders",
            // As in node-cache.args, whose ahead-of-time cache has class data too.
            "-XX:+UnlockDiagnosticVMOptions",
            "-XX:ArchiveRelocationMode=0",
            "-XX:-UsePerfData",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:+ErrorFileToStderr",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Xms8m",
            "-Xmx24m",
            "-Xss256k",
            "-XX:TieredStopAtLevel=1",
            "-XX:MaxDirectMemorySize=8m",
            "-XX:ReservedCodeCacheSize=8m",
            "-XX:MaxMetaspaceSize=32m");

    private NodeCacheImage() {}

    /** Plans the image from what Maven packaged in {@code node-cache/target/dist}. */
    static ImagePlan plan(Workspace workspace, Architecture architecture) throws IOException {
        Path dist = workspace.project().resolve("node-cache/target/dist");
        Path jars = dist.resolve("lib");
        if (!Files.isDirectory(jars)) {
            throw new ImageBuildException(
                    jars + " is missing: build the node cache first, for example with make images.");
        }
        SortedMap<String, Path> libraries = new TreeMap<>();
        SortedMap<String, Path> classes = new TreeMap<>();
        try (Stream<Path> files = Files.list(jars)) {
            for (Path jar : files.sorted().toList()) {
                String name = jar.getFileName().toString();
                if (name.startsWith(OWN_JAR)) {
                    classes.put(name, jar);
                } else if (!name.contains("-linux-")) {
                    libraries.put(name, jar);
                }
            }
        }
        String classPath = Stream.concat(classes.keySet().stream(), libraries.keySet().stream())
                .map(name -> LIB + "/" + name)
                .collect(Collectors.joining(":"));
        Path epoll = nativeTransport(workspace, jars, architecture);
        libraries.put(epoll.getFileName().toString(), epoll);
        return new ImagePlan(
                REFERENCE,
                "Larder node cache",
                MODULES,
                libraries,
                classes,
                List.of(
                        program("node-cache", cacheFlags(dist), classPath, "NodeCacheMain", "node-cache"),
                        program("hosts-writer", SMALL_FLAGS, classPath, "HostsWriterMain", "hosts-writer"),
                        program("prepare-storage", SMALL_FLAGS, classPath, "PrepareStorageMain", "hosts-writer")));
    }

    private static JavaProgram program(
            String name, List<String> flags, String classPath, String mainClass, String aotCache) {
        return new JavaProgram(name, flags, List.of("-cp", classPath, MAINS + mainClass), aotCache);
    }

    /** Of the file that starts it outside of the image too. */
    private static List<String> cacheFlags(Path dist) throws IOException {
        Stream<String> lines = Files.readAllLines(dist.resolve("node-cache.args")).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"));
        return Stream.concat(lines, IMAGE_FLAGS.stream()).toList();
    }

    /** Netty would unpack its native library into /tmp, which is read-only; beside the jars it is found as it is. */
    private static Path nativeTransport(Workspace workspace, Path jars, Architecture architecture) throws IOException {
        String file = "libnetty_transport_native_epoll_" + architecture.netty() + ".so";
        Path jar;
        try (Stream<Path> files = Files.list(jars)) {
            jar = files.filter(each -> each.getFileName()
                            .toString()
                            .matches("netty-transport-native-epoll-.*-linux-" + architecture.netty() + "\\.jar"))
                    .findFirst()
                    .orElseThrow(() -> new ImageBuildException("No Netty native transport for " + architecture.netty()
                            + " among the jars in " + jars + "."));
        }
        String key = new InputsKey().add(jar).hex();
        return workspace
                .cached("netty", key, folder -> {
                    try (JarFile archive = new JarFile(jar.toFile())) {
                        ZipEntry entry = archive.getEntry("META-INF/native/" + file);
                        Files.copy(
                                archive.getInputStream(entry),
                                folder.resolve(file),
                                StandardCopyOption.REPLACE_EXISTING);
                    }
                })
                .resolve(file);
    }
}
