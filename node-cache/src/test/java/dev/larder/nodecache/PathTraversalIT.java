package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.login.Internet;
import dev.larder.nodecache.fake.login.PlainSocket;
import dev.larder.nodecache.fake.login.Simulators;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The class of CVE-2024-3727 (containers/image) and GHSA-79hx-3fp8-hj66 (Dragonfly): a digest or a name that is a path.
 * Nothing but what the grammars allow comes near the disk or an upstream.
 */
class PathTraversalIT {

    private static final String HEX = "0123456789abcdef".repeat(4);

    @TempDir
    Path folder;

    private final Internet internet = new Internet();
    private LoginCache cache;

    @BeforeEach
    void start() {
        cache = LoginCache.relay(folder, Simulators.PLAIN.in(internet));
    }

    @AfterEach
    void stop() {
        cache.close();
        internet.close();
    }

    private List<String> files() throws Exception {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.map(path -> folder.relativize(path).toString()).sorted().toList();
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "/v2/a/blobs/sha256:../../../../etc/passwd",
                "/v2/a/blobs/sha256:..%2f..%2f..%2fetc%2fpasswd",
                "/v2/a/blobs/../../../../etc/passwd:x",
                "/v2/a/blobs/sha256:HEX%2f..",
                "/v2/a/blobs/sha256:HEX%00",
                "/v2/a/blobs/sha256:0123",
                "/v2/a/blobs/sha256:ABCDEF6789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                "/v2/a/blobs/..:HEX",
                "/v2/a/blobs/%2e%2e%2f:HEX",
                "/v2/a/manifests/..",
                "/v2/a/manifests/..%2f..%2fx",
                "/v2/a/manifests/.hidden",
                "/v2/../../etc/manifests/v1",
                "/v2/a/..%2f..%2fb/manifests/v1",
                "/v2/%2e%2e/%2e%2e/manifests/v1",
                "/v2/a//b/manifests/v1",
                "/v2/a\\..\\b/manifests/v1",
                "/v2/A/manifests/v1",
                "/v2/a/referrers/sha256:..%2fx",
            })
    void whatIsNoNameOrDigest_reachesNothing(String path) throws Exception {
        List<String> before = files();
        String answer = PlainSocket.ask(
                cache.cache().cache().registryPort(),
                "GET " + path.replace("HEX", HEX)
                        + "?ns=registry.example.com HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assertThat(answer).matches("(?s)HTTP/1\\.1 40[045] .*");
        assertThat(internet.asked()).isEmpty();
        assertThat(files()).isEqualTo(before);
    }
}
