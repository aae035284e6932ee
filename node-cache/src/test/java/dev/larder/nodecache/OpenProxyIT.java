package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.login.Internet;
import dev.larder.nodecache.fake.login.LoginSimulator;
import dev.larder.nodecache.fake.login.PlainSocket;
import dev.larder.nodecache.fake.login.Simulators;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A mirror that goes wherever {@code ns} says lends every pod the node's way out and identity. Only configured registries
 * are asked, however they are named, and it is no proxy in the other sense either.
 */
class OpenProxyIT {

    @TempDir
    Path folder;

    private final Internet internet = new Internet();
    private final LoginSimulator registry = Simulators.PLAIN.in(internet);
    private LoginCache cache;

    @BeforeEach
    void start() {
        cache = LoginCache.relay(folder, registry);
    }

    @AfterEach
    void stop() {
        cache.close();
        internet.close();
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "GET /v2/library/open/manifests/v1?ns=evil.example.org HTTP/1.1",
                "GET /v2/library/open/manifests/v1?ns=registry.example.com.evil.example.org HTTP/1.1",
                "GET /v2/library/open/manifests/v1?ns=registry.example.com%40evil.example.org HTTP/1.1",
                "GET /v2/library/open/manifests/v1?ns=registry.example.com%2F..%2Fevil HTTP/1.1",
                "GET /v2/library/open/manifests/v1?ns=169.254.169.254 HTTP/1.1",
                "GET /v2/library/open/manifests/v1?ns=localhost:22 HTTP/1.1",
                "GET /v2/evil.example.org/library/open/manifests/v1 HTTP/1.1",
                "GET /v2/library/open/manifests/v1 HTTP/1.1\r\nOCI-Namespace: evil.example.org",
                "GET http://evil.example.org/v2/library/open/manifests/v1 HTTP/1.1",
                "GET http://evil.example.org/ HTTP/1.1",
                "CONNECT evil.example.org:443 HTTP/1.1",
            })
    void onlyConfiguredRegistries_areAsked(String head) throws Exception {
        String answer = PlainSocket.ask(
                cache.cache().cache().registryPort(), head + "\r\nHost: evil.example.org\r\nConnection: close\r\n\r\n");
        assertThat(answer).matches("(?s)HTTP/1\\.1 (400|404|405) .*");
        assertThat(internet.asked()).isEmpty();
    }
}
