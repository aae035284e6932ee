package dev.larder.nodecache.watchdog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
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
        watchdog = new Watchdog(listener.address(), Optional.empty(), run);
    }

    @AfterEach
    void end() throws IOException {
        process.destroyForcibly();
        listener.close();
    }

    /** When the process began, in ticks since the machine's start: field 22 of proc_pid_stat(5). */
    private long startTicks() throws IOException {
        String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
        return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[19]);
    }

    private void stepUntilTroubled() {
        stepUntil(() -> watchdog.health() == Health.TROUBLED);
    }

    /** Later than in trouble where some of the silence is this machine's own. */
    private void stepUntilJudged() {
        stepUntil(() -> watchdog.kills() > 0 || !watchdog.message().isEmpty());
        assertThat(watchdog.health()).isEqualTo(Health.TROUBLED);
    }

    private void stepUntil(BooleanSupplier end) {
        for (int i = 0; i < 40 && !end.getAsBoolean(); i++) {
            assertThat(watchdog.step())
                    .as("no time is lost once there is silence")
                    .isZero();
        }
        assertThat(end.getAsBoolean()).isTrue();
    }

    @Test
    void cacheThatIsJustStarting_isLeftAlone() throws IOException {
        new PidFile(process.pid(), startTicks()).write(run);
        stepUntilTroubled();
        assertThat(watchdog.kills()).isZero();
        assertThat(process.isAlive()).isTrue();
    }

    @Test
    void numberThatAnotherProcessHasNow_isLeftAlone() throws IOException {
        // Long before this process, and after the machine's start however short ago that is.
        new PidFile(process.pid(), startTicks() / 2).write(run);
        stepUntilJudged();
        assertThat(watchdog.kills()).isZero();
        assertThat(process.isAlive()).isTrue();
        assertThat(watchdog.message()).contains("is another one now").contains(Long.toString(process.pid()));
    }

    @Test
    void noPidFile_isSaid() {
        stepUntilJudged();
        assertThat(watchdog.message()).contains(run.resolve("node-cache.pid").toString());
        assertThat(watchdog.kills()).isZero();
    }

    @Test
    void cacheThatAnsweredBefore_isEnded() throws Exception {
        new PidFile(process.pid(), startTicks()).write(run);
        listener.answer(true);
        for (int i = 0; i < 10 && watchdog.health() != Health.SERVING; i++) {
            watchdog.step();
        }
        assertThat(watchdog.health()).isEqualTo(Health.SERVING);
        listener.answer(false);
        stepUntilJudged();
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(128 + 9);
        assertThat(watchdog.kills()).isEqualTo(1);
        assertThat(watchdog.message()).isEmpty();
    }
}
