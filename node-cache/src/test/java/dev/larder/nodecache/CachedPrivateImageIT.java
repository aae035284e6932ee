package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.login.Internet;
import dev.larder.nodecache.fake.login.LoginSimulator;
import dev.larder.nodecache.fake.login.Simulators;
import dev.larder.nodecache.oci.Digest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The class of CVE-2024-39897 (zot), CVE-2026-35172 (distribution) and CVE-2026-27771 (Gitea): what one may read of a store
 * that several repositories share. Knowing a digest is no permission.
 */
class CachedPrivateImageIT {

    private static final String NS = "?ns=registry.example.com";

    @TempDir
    Path folder;

    private final Internet internet = new Internet();
    private final LoginSimulator registry = Simulators.REGISTRY_TOKEN_SERVER.in(internet);
    private LoginCache cache;
    private String authorization;

    @BeforeEach
    void pullBoth() throws Exception {
        cache = LoginCache.relay(folder, registry);
        authorization = "Bearer " + registry.tokens().mint(Set.of("acme/closed"));
        // A layer that both have.
        registry.images()
                .pushBlob("library/open", registry.closedImage().layerBytes().clone());
        registry.images()
                .pushBlob("acme/closed", registry.openImage().layerBytes().clone());
        assertThat(LoginCache.statuses(cache.pullOpen())).containsOnly(200);
        assertThat(LoginCache.statuses(cache.pullClosed("Authorization", authorization)))
                .containsOnly(200);
        await().until(() -> cache.cache()
                .stored("blobs")
                .contains(registry.closedImage().layer().hex()));
    }

    @AfterEach
    void stop() {
        cache.close();
        internet.close();
    }

    private HttpResponse<byte[]> get(String path, String... headers) throws Exception {
        return cache.cache().get(path + NS, headers);
    }

    private void refused(HttpResponse<byte[]> answer, Digest digest) {
        assertThat(answer.statusCode()).isIn(401, 403, 404);
        assertThat(Digest.sha256(answer.body())).isNotEqualTo(digest);
        assertThat(answer.body().length).isLessThan(1000);
    }

    @Test
    void privateContent_isNotServedThroughAPublicRepository() throws Exception {
        Digest config = registry.closedImage().config();
        Digest manifest = registry.closedImage().manifest();
        refused(get("/v2/library/open/blobs/" + config), config);
        refused(get("/v2/library/open/manifests/" + manifest), manifest);
        refused(get("/v2/library/nowhere/blobs/" + config), config);
        assertThat(cache.cache().head("/v2/library/open/blobs/" + config + NS).statusCode())
                .isIn(401, 404);
    }

    @Test
    void sharedLayer_isServedThroughTheRepositoryOneMayRead_only() throws Exception {
        Digest layer = registry.openImage().layer();
        assertThat(get("/v2/library/open/blobs/" + layer).statusCode()).isEqualTo(200);
        refused(get("/v2/acme/closed/blobs/" + layer), layer);
        assertThat(get("/v2/acme/closed/blobs/" + layer, "Authorization", authorization)
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void otherTokens_doNotOpenIt_onAHitEither() throws Exception {
        Digest layer = registry.closedImage().layer();
        String blob = "/v2/acme/closed/blobs/" + layer;
        String elsewhere = "Bearer " + registry.tokens().mint(Set.of("acme/other"));
        refused(get(blob), layer);
        refused(get(blob, "Authorization", "Bearer forged"), layer);
        refused(get(blob, "Authorization", elsewhere), layer);
        refused(get(blob, "Authorization", registry.wrongLogin().basic()), layer);
        assertThat(get(blob, "Authorization", authorization).statusCode()).isEqualTo(200);
    }
}
