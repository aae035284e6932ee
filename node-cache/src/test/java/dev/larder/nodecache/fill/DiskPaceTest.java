package dev.larder.nodecache.fill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.error.StoreFailure;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiskPaceTest {

    /** Bytes a piece, what the disk and what the source take for each in ms, pieces; whether the pull does better without. */
    @ParameterizedTest
    @CsvSource({
        "65536, 13, 0, 300, true", // 5 MB/s, and the source waits for it
        "65536, 13, 0, 100, false", // not for long yet
        "65536, 13, 13, 300, false", // the source is no faster
        "65536, 13, 2, 300, true",
        "65536, 2, 0, 3000, false" // 32 MB/s is fast enough for anybody
    })
    void requireKeepsUp(int bytes, int disk, int source, int pieces, boolean betterWithout) {
        DiskPace pace = new DiskPace();
        boolean givenUp = false;
        for (int n = 0; n < pieces && !givenUp; n++) {
            pace.waited(Duration.ofMillis(source));
            pace.wrote(bytes, Duration.ofMillis(disk));
            try {
                pace.requireKeepsUp();
            } catch (StoreFailure e) {
                assertThat(e).hasMessageContaining("KiB a second");
                givenUp = true;
            }
        }
        assertThat(givenUp).isEqualTo(betterWithout);
    }
}
