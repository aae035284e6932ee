package dev.larder.e2e.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The image of the operator. Its jars stand on a plain class path instead of behind Quarkus' own class loader, since the
 * ahead-of-time cache holds only classes of the Java runtime's loaders: with it the operator starts in about a third of the
 * time.
 */
public final class OperatorImage {
    public static final String REFERENCE = "ghcr.io/larder-dev/operator:0.1.0";

    private static final String LIB = JavaProgram.HOME + "/lib";
    private static final String MAIN = "io.quarkus.runner.GeneratedMain";

    /** What {@code helm test} runs. */
    private static final String TEST_MAIN = "dev.larder.operator.installation.InstallationTestMain";

    /** Found with jdeps and by running it against an API server. */
    private static final List<String> MODULES = List.of(
            "java.base",
            "java.desktop",
            "java.logging",
            "java.management",
            "java.naming",
            "java.net.http",
            "java.sql",
            "java.xml",
            "jdk.crypto.ec",
            "jdk.management",
            "jdk.naming.dns",
            "jdk.unsupported",
            "jdk.zipfs");

    private static final List<String> FLAGS = List.of(
            "-XX:+UseSerialGC",
            "-XX:+UseCompactObjectHeaders",
            "-XX:+UnlockDiagnosticVMOptions",
            "-XX:ArchiveRelocationMode=0",
            "-XX:-UsePerfData",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:+ErrorFileToStderr",
            "-Xms32m",
            // A small young generation: one of the usual size would be touched whole.
            "-Xmn10m",
            "-Xmx96m",
            "-Xss256k",
            // It waits most of the time: what the other compiler would gain is not worth its memory.
            "-XX:TieredStopAtLevel=1",
            "-XX:TrimNativeHeapInterval=10000",
            "-XX:MaxDirectMemorySize=32m",
            "-XX:ReservedCodeCacheSize=32m",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            // What Quarkus' own starter sets, and what the manifest of its jar opens.
            "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "--add-opens=java.base/java.nio=ALL-UNNAMED",
            "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED");

    private OperatorImage() {}

    /** Plans the image from what Quarkus packaged in {@code operator/target/quarkus-app}. */
    static ImagePlan plan(Workspace workspace) throws IOException {
        Path app = workspace.project().resolve("operator/target/quarkus-app");
        if (!Files.isDirectory(app)) {
            throw new ImageBuildException(app + " is missing: build the operator first, for example with make images.");
        }
        SortedMap<String, Path> libraries = new TreeMap<>();
        SortedMap<String, Path> classes = new TreeMap<>();
        List<String> classPath = new ArrayList<>();
        // Classes that Quarkus changed come before those they stand for.
        for (String folder : List.of("quarkus", "app", "lib/boot", "lib/main")) {
            List<Path> jars = jars(app.resolve(folder));
            for (Path jar : folder.equals("quarkus") ? jars.reversed() : jars) {
                String name = folder + "/" + jar.getFileName();
                boolean ours = !folder.startsWith("lib") || name.contains("larder");
                (ours ? classes : libraries).put(name, jar);
                classPath.add(LIB + "/" + name);
            }
        }
        String path = String.join(":", classPath);
        return new ImagePlan(
                REFERENCE,
                "Larder operator",
                MODULES,
                libraries,
                classes,
                List.of(program("operator", path, MAIN), program("installation-test", path, TEST_MAIN)));
    }

    /** What its Java runtime is told, beside where the classes are. */
    public static List<String> flags() {
        return FLAGS;
    }

    private static JavaProgram program(String name, String classPath, String main) {
        return new JavaProgram(name, FLAGS, List.of("-cp", classPath, main), "operator");
    }

    private static List<Path> jars(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList();
        }
    }
}
