package dev.larder.nodecache.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.error.InvalidRequest;
import dev.larder.nodecache.fuzz.Fuzz;
import dev.larder.nodecache.mirror.CopyOrder;
import dev.larder.nodecache.upstream.JsonText;
import io.vertx.core.json.DecodeException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What may be ordered of a node cache. */
class JobsFuzzTest {

    private static final String DIGEST = "sha256:" + "a1".repeat(32);

    @Test
    void copies() throws InterruptedException {
        String image = "\"image\":\"registry.test/a/b@" + DIGEST + "\"";
        List<String> seeds = List.of(
                "{" + image
                        + ",\"target\":{\"url\":\"https://r.example:5000/a/b\",\"username\":\"u\",\"password\":\"p\","
                        + "\"tokenServers\":[\"https://t.example\"]},\"platforms\":[\"linux/amd64\"],\"attachments\":true,"
                        + "\"tags\":[\"v1\"],\"also\":{\"v2\":\"" + DIGEST + "\"}}",
                "{" + image + ",\"target\":{\"url\":\"http://h/a\",\"identityToken\":\"t\"},\"also\":{\"a\":null}}",
                "{" + image + ",\"target\":{\"url\":\"mailto:x\"},\"tags\":[[[{}]],null,1]}");
        Fuzz.run(seeds, input -> {
            try {
                CopyOrder order = JobRequests.order(JsonText.object(input));
                assertThat(order.target().toString()).isNotEmpty();
                assertThat(order.image().hex()).hasSizeGreaterThanOrEqualTo(64);
            } catch (InvalidRequest | DecodeException e) {
                assertThat(e).hasMessageContaining(" ");
            }
        });
    }
}
