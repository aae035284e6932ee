package dev.larder.nodecache.watchdog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom the watchdog ends, and whom it leaves alone. */
class WatchdogTest {

    private final Path run;
    private final Process process;
    private final Watchdog watchdog;
    private final MoodyListener listener = new MoodyListener();

    WatchdogTest(@TempDir Path run) throws IOException {
        this.run = run;
        process = new ProcessBuilder("sleep", "600").start();
        watchdog = new Watchdog(listener.address(), run);
    }

    @AfterEach
    void end() throws IOException {
        process.destroyForcibly();
        listener.close();
    }

    private void writePidFile(long ticksOff, Duration olderBy) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
        long ticks = Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[19]);
        new PidFile(process.pid(), ticks + ticksOff - olderBy.toSeconds() * 100).write(run);
    }

    private void stepUntilTroubled() {
        for (int i = 0; i < 10 && watchdog.health() != Health.TROUBLED; i++) {
            Duration pause = watchdog.step();
            assertThat(pause).as("no time is lost once there is silence").isZero();
        }
        assertThat(watchdog.health()).isEqualTo(Health.TROUBLED);
    }

    @Test
    void cacheThatIsJustStarting_isLeftAlone() throws IOException {
        writePidFile(0, Duration.ZERO);
        stepUntilTroubled();
        assertThat(watchdog.kills()).isZero();
        assertThat(process.isAlive()).isTrue();
    }

    @Test
    void numberThatAnotherProcessHasNow_isLeftAlone() throws IOException {
        writePidFile(0, Duration.ofMinutes(5)); // a start time long before this process
        stepUntilTroubled();
        assertThat(watchdog.kills()).isZero();
        assertThat(process.isAlive()).isTrue();
        assertThat(watchdog.message()).contains("is another one now").contains(Long.toString(process.pid()));
    }

    @Test
    void noPidFile_isSaid() {
        stepUntilTroubled();
        assertThat(watchdog.message()).contains(run.resolve("node-cache.pid").toString());
        assertThat(watchdog.kills()).isZero();
    }

    @Test
    void cacheThatAnsweredBefore_isEnded() throws Exception {
        writePidFile(0, Duration.ZERO);
        listener.answer(true);
        for (int i = 0; i < 10 && watchdog.health() != Health.SERVING; i++) {
            watchdog.step();
        }
        assertThat(watchdog.health()).isEqualTo(Health.SERVING);
        listener.answer(false);
        stepUntilTroubled();
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(128 + 9);
        assertThat(watchdog.kills()).isEqualTo(1);
        assertThat(watchdog.message()).isEmpty();
    }
}
