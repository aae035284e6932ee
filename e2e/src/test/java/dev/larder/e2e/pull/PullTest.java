package dev.larder.e2e.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PullTest {
    @Test
    void of_kubeletMessage() {
        Pull pull = Pull.of(
                "nginx:1.22",
                "node1",
                "Successfully pulled image \"nginx:1.22\" in 1m2.5s (1m3s including waiting). Image size: 123 bytes.");
        assertThat(pull).isEqualTo(new Pull("nginx:1.22", "node1", Duration.ofMillis(62_500), 123));
    }

    @Test
    void of_otherMessage() {
        String message = "Container image \"nginx:1.22\" already present on machine";
        assertThat(Pull.finished(message)).isFalse();
        assertThatThrownBy(() -> Pull.of("nginx:1.22", "node1", message)).hasMessageContaining("already present");
    }

    @ParameterizedTest
    @CsvSource({"312ms, 312000000", "1.5s, 1500000000", "250.5µs, 250500", "2m0s, 120000000000", "1h0m1s, 3601000000000"
    })
    void duration_asGoPrintsIt(String text, long nanos) {
        assertThat(Pull.duration(text)).isEqualTo(Duration.ofNanos(nanos));
    }

    @ParameterizedTest
    @CsvSource({
        "nginx:1.22, docker.io/library/nginx:1.22",
        "larder/large:1, docker.io/larder/large:1",
        "quay.io/a/b:1, quay.io/a/b:1",
        "localhost:5000/a:1, localhost:5000/a:1"
    })
    void canonical_asContainerdNamesIt(String image, String name) {
        assertThat(Puller.canonical(image)).isEqualTo(name);
    }
}
