package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.login.Internet;
import dev.larder.nodecache.fake.login.LoginSimulator;
import dev.larder.nodecache.fake.login.Reply;
import dev.larder.nodecache.fake.login.Simulators;
import dev.larder.nodecache.fake.login.Site;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.MediaType;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The classes of CVE-2025-24882 (regclient: a pinned digest is not compared), of cache poisoning (what was stored under a
 * digest it does not have stays for good), and of CVE-2021-41190 (one digest, two media types).
 */
class PinnedDigestIT {

    private static final String NS = "?ns=registry.example.com";

    @TempDir
    Path folder;

    private final Internet internet = new Internet();
    private final LoginSimulator registry = Simulators.PLAIN.in(internet);
    private final Site honest = internet.at("registry.example.com");

    @AfterEach
    void stop() {
        internet.close();
    }

    private static byte[] other(byte[] content) {
        byte[] changed = content.clone();
        changed[changed.length / 2] ^= 1;
        return changed;
    }

    private void lie() {
        internet.put("registry.example.com", asked -> {
            Reply reply = honest.answer(asked);
            return new Reply(reply.status(), reply.headers(), other(reply.body()));
        });
    }

    @Test
    void otherContentUnderADigest_isNeitherServedWholeNorKept() throws Exception {
        Digest manifest = registry.openImage().manifest();
        try (LoginCache cache = LoginCache.relay(folder, registry)) {
            lie();
            assertThat(cache.cache()
                            .get("/v2/library/open/manifests/" + manifest + NS)
                            .statusCode())
                    .isEqualTo(502);
            String layer = "/v2/library/open/blobs/" + registry.openImage().layer() + NS;
            try {
                HttpResponse<byte[]> blob = cache.cache().get(layer);
                assertThat(blob.statusCode()).isGreaterThanOrEqualTo(500);
            } catch (java.io.IOException e) {
                assertThat(e).hasMessageContaining("fixed content-length");
            }
            assertThat(cache.cache().stored("blobs")).isEmpty();
            internet.put("registry.example.com", honest);
            assertThat(cache.cache()
                            .get("/v2/library/open/manifests/" + manifest + NS)
                            .body())
                    .isEqualTo(registry.openImage().manifestBytes());
        }
    }

    @Test
    void mediaType_staysWithTheDigest_asTheUpstreamSaidItFirst() throws Exception {
        String path = "/v2/library/open/manifests/" + registry.openImage().manifest() + NS;
        try (LoginCache cache = LoginCache.relay(folder, registry)) {
            String type =
                    cache.cache().get(path).headers().firstValue("Content-Type").orElseThrow();
            assertThat(type).isEqualTo(MediaType.OCI_MANIFEST.value());
            internet.put(
                    "registry.example.com",
                    asked -> new Reply(
                            200,
                            List.of(Map.entry("Content-Type", "application/vnd.oci.image.index.v1+json")),
                            "{}".getBytes(StandardCharsets.UTF_8)));
            for (String accept : List.of("application/vnd.oci.image.index.v1+json", "*/*")) {
                HttpResponse<byte[]> again = cache.cache().get(path, "Accept", accept);
                assertThat(again.headers().firstValue("Content-Type")).hasValue(type);
                assertThat(again.body()).isEqualTo(registry.openImage().manifestBytes());
            }
        }
    }
}
