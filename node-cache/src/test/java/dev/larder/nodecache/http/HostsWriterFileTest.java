package dev.larder.nodecache.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.metrics.LiveMetrics.Row;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HostsWriterFileTest {

    private static final Instant WRITTEN = Instant.parse("2026-11-22T10:00:00Z");
    private static final String REPORT = """
            {"updatedAt": "%s", "kills": 3, "registries": [{"host": "docker.io", "state": "Present"}]}
            """.formatted(WRITTEN);

    private static HostsWriterFile readAfter(Duration since) {
        return new HostsWriterFile(() -> Optional.of(REPORT), InstantSource.fixed(WRITTEN.plus(since)));
    }

    @Test
    void whatWasWrittenJustNow_isBelieved() {
        for (Duration since : List.of(Duration.ZERO, Duration.ofSeconds(9), Duration.ofSeconds(-9))) {
            assertThat(readAfter(since).entries()).containsExactly(Row.of(1, "docker.io"));
            assertThat(readAfter(since).kills()).containsExactly(Row.of(3));
        }
    }

    @Test
    void silenceOfTenSeconds_orATimeToCome_meansThatNobodyKnows() {
        for (Duration since : List.of(Duration.ofSeconds(10), Duration.ofDays(1), Duration.ofHours(-1))) {
            assertThat(readAfter(since).entries()).isEmpty();
            assertThat(readAfter(since).kills()).isEmpty();
        }
    }

    @Test
    void aReportWithoutItsTime_meansThatNobodyKnows() {
        for (String text :
                List.of("{}", "{\"updatedAt\": null}", "{\"updatedAt\": 7}", "{\"updatedAt\": \"now\"}", "", "[]")) {
            HostsWriterFile file = new HostsWriterFile(() -> Optional.of(text), InstantSource.fixed(WRITTEN));
            assertThat(file.entries()).as(text).isEmpty();
        }
    }
}
