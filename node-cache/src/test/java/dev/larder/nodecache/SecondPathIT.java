package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import dev.larder.nodecache.fake.login.PlainSocket;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The class of CVE-2026-41888 (distribution) and CVE-2026-31801 (zot): a rule that holds on one way in and not on the other.
 * What {@code repositories} denies is not there, whichever way it is asked for, also when the store has its blobs.
 */
class SecondPathIT {

    @TempDir
    Path folder;

    private final FakeRegistry upstream = new FakeRegistry();
    private final Image image = upstream.push("team/secret", "v1", 10_000, 1);
    private TestCache cache;

    @BeforeEach
    void start() throws Exception {
        upstream.push("team/app", "v1", 10_000, 1);
        cache = new TestCache(folder, TestCache.yaml(folder, "", "repositories: {deny: [\"team/secret*\"]}", upstream));
        assertThat(cache.get("/v2/team/app/blobs/" + image.layer()).statusCode())
                .isEqualTo(200);
        upstream.forgetRequests();
    }

    @AfterEach
    void stop() {
        cache.close();
        upstream.close();
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "GET /v2/team/secret/manifests/v1?ns=registry.test",
                "HEAD /v2/team/secret/manifests/v1?ns=registry.test",
                "GET /v2/team/secret/manifests/MANIFEST?ns=registry.test",
                "GET /v2/team/secret/blobs/LAYER?ns=registry.test",
                "HEAD /v2/team/secret/blobs/LAYER?ns=registry.test",
                "GET /v2/team/secret/tags/list?ns=registry.test",
                "GET /v2/team/secret/referrers/MANIFEST?ns=registry.test",
                "GET /v2/registry.test/team/secret/manifests/v1",
                "GET /v2/registry.test/team/secret/blobs/LAYER",
                "GET /v2/team/secre%74/manifests/v1?ns=registry.test",
                "GET /v2/./team/secret/manifests/v1?ns=registry.test",
                "GET /v2/team/app/../secret/manifests/v1?ns=registry.test",
                "POST /v2/team/secret/blobs/uploads/?ns=registry.test",
                "DELETE /v2/team/secret/manifests/v1?ns=registry.test",
            })
    void deniedRepository_isNotThere(String request) throws Exception {
        String head = request.replace("MANIFEST", image.manifest().toString())
                .replace("LAYER", image.layer().toString());
        String answer = PlainSocket.ask(
                cache.cache().registryPort(), head + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assertThat(answer).matches("(?s)HTTP/1\\.1 40[045] .*");
        assertThat(upstream.requests()).isEmpty();
    }
}
