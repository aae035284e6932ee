package dev.larder.nodecache.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fuzz.Fuzz;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Any text is settings or a list of problems, each of a readable length. */
class ConfigFuzzTest {

    private static final List<String> SEEDS = List.of(
            """
            version: 1
            listen: {registry: "[::1]:15151", admin: 10.0.0.1:0, tls: {certFile: /a, keyFile: /b}}
            storage: {path: /data/larder, size: 500M, minFree: 5%}
            limits: {requests: 7, fills: 5, fillsPerUpstream: 3}
            timeouts: {connect: 1s, firstByteWarm: 250ms, idle: 1m, client: 2m, shutdown: 0s}
            registries:
            - host: localhost:5000
              upstreams: [{url: "http://[::1]:5001", pathPrefix: a/b, insecureSkipVerify: true}]
              tags: [{pattern: "v*", freshFor: 2h30m, onDeletedUpstream: Serve}]
            containerd: {manage: false, configPath: auto, hostRoot: ""}
            """,
            "{version: 1, registries: &a [{host: docker.io, upstreams: *a}]}",
            "version: 1\nregistries: [[[{a: [{}]}]]]\nlisten: {tls: [[[[[[]]]]]]}\n",
            "version: 1\n? [a, b]\n: c\nregistries: !!set {a, b}\nlimits: !!binary aGVsbG8=\n",
            "version: 1\ntimeouts: {idle: 1s1s1s1s1s1s}\nstorage: {size: 999999999999999999T, minFree: 99%}\n");

    @Test
    void files() throws InterruptedException {
        Fuzz.run(SEEDS, input -> {
            // A file cannot hold half a character: reading it as UTF-8 has refused that before.
            String text = new String(input.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
            if (ConfigReader.parse(text) instanceof ConfigResult.Rejected(List<Problem> problems)) {
                assertThat(problems).isNotEmpty();
                // Not by a matcher for each: most of the time would be its own.
                assertThat(problems.stream()
                                .anyMatch(problem -> problem.toString().isBlank()))
                        .isFalse();
            }
        });
    }

    @Test
    void values() throws InterruptedException {
        Fuzz.run(List.of("2h30m", "250ms", "20Gi", "15%", "10.0.0.1:5151", "[::1]:0", "1s1s1s1s1s"), input -> {
            for (java.util.function.Function<String, ?> parser : List.<java.util.function.Function<String, ?>>of(
                    Durations::parse, DataSize::parse, MinFree::parse, Endpoint::parse)) {
                try {
                    assertThat(parser.apply(input)).isNotNull();
                } catch (IllegalArgumentException e) {
                    assertThat(e).hasMessageContaining(" ");
                }
            }
        });
    }
}
