package dev.larder.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.e2e.process.Await;
import dev.larder.e2e.process.Command;
import dev.larder.e2e.toolchain.CacheFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C in a terminal where {@code make demo} runs: SIGINT to its process group, at an early and at a late moment. */
@Tag("alone") // it looks for what its clusters leave on the machine
class InterruptedDemoE2E {
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final Duration END = Duration.ofMinutes(4);

    @TempDir
    private Path folder;

    private final NewTraces traces =
            new NewTraces(CacheFolder.ofEnvironment().root().resolve("clusters"));

    @SuppressWarnings("NullAway.Init")
    private Process demo;

    @BeforeEach
    void start() throws IOException {
        // A shell without job control lets its children ignore SIGINT, and what is ignored is inherited.
        List<String> line = List.of(
                "setsid",
                "env",
                "--default-signal=INT",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                Demo.class.getName());
        ProcessBuilder builder = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile());
        builder.environment().keySet().removeAll(Set.of("KUBECONFIG", "KEEP", "CLUSTER"));
        demo = builder.start();
    }

    @AfterEach
    void end() {
        demo.destroyForcibly();
    }

    @Test
    void whileTheClusterStarts_leavesNothing() throws Exception {
        await("the cluster's first trace", () -> !traces.find().isEmpty());
        interrupt();
    }

    @Test
    void whilePodsPull_leavesNothing() throws Exception {
        await("the first pull", () -> output().contains("first time: "));
        assertThat(traces.find()).anyMatch(trace -> trace.startsWith("interface larder"));
        interrupt();
    }

    private void interrupt() throws InterruptedException, IOException {
        Command.of("kill", "-INT", "--", "-" + demo.pid()).run();
        assertThat(demo.waitFor(END.toSeconds(), TimeUnit.SECONDS))
                .as("the demo's end: %s", output())
                .isTrue();
        assertThat(demo.exitValue()).isEqualTo(128 + 2);
        assertThat(traces.find()).as(output()).isEmpty();
    }

    private void await(String what, BooleanSupplier reached) {
        Await.until(what, LONG, () -> reached.getAsBoolean() || !demo.isAlive(), this::output);
        assertThat(demo.isAlive()).as(output()).isTrue();
    }

    private String output() {
        try {
            return Files.readString(folder.resolve("output"));
        } catch (IOException e) {
            return e.toString();
        }
    }
}
