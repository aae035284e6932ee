package dev.larder.nodecache.watchdog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PidFileTest {

    @TempDir
    private Path run;

    @Test
    void writtenAndRead_isThisProcess() throws IOException {
        PidFile.self().write(run);
        PidFile read = PidFile.read(run).orElseThrow();
        assertThat(read).isEqualTo(PidFile.self());
        assertThat(read.pid()).isEqualTo(ProcessHandle.current().pid());
        assertThat(read.isRunning()).isTrue();
        assertThat(read.age()).isBetween(Duration.ZERO, Duration.ofHours(2));
        assertThat(Files.getPosixFilePermissions(run.resolve("node-cache.pid")))
                .isEqualTo(PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(Files.readString(run.resolve("node-cache.pid")))
                .matches("\\{\"pid\": \\d+, \"startTicks\": \\d+}\n");
    }

    @Test
    void numberOfAnotherProcess_isNotRunning() throws IOException {
        PidFile self = PidFile.self();
        assertThat(new PidFile(self.pid(), self.startTicks() - 1).isRunning()).isFalse();
        assertThat(new PidFile(Integer.MAX_VALUE, 1).isRunning()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "12",
                "{\"pid\": -1, \"startTicks\": 2}",
                "{\"pid\": 1}",
                "{\"pid\": 1, \"startTicks\": \"x\"}"
            })
    void nonsense_isNobody(String content) throws IOException {
        Files.writeString(run.resolve("node-cache.pid"), content);
        assertThat(PidFile.read(run)).isEmpty();
    }

    @Test
    void otherSpacing_isUnderstood() throws IOException {
        Files.writeString(run.resolve("node-cache.pid"), "{\"pid\":5,\"startTicks\":6}");
        assertThat(PidFile.read(run)).contains(new PidFile(5, 6));
    }

    @Test
    void missing_isNobody() throws IOException {
        assertThat(PidFile.read(run)).isEmpty();
    }
}
