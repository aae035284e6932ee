package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.SelfSigned;
import dev.larder.nodecache.fake.login.Internet;
import dev.larder.nodecache.fake.login.LoginSimulator;
import dev.larder.nodecache.fake.login.Simulators;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The class of GHSA-98x5-jw98-6c97 (Dragonfly): a client that does not look whom it talks to. Whoever cannot prove to be the
 * upstream, or its token server, hears nothing.
 */
class TlsVerificationIT {

    @TempDir
    Path folder;

    private final Internet internet = new Internet();
    private final LoginSimulator registry = Simulators.REGISTRY_HTPASSWD.in(internet);

    @AfterEach
    void stop() {
        internet.close();
    }

    @Test
    void certificateOfAStranger_endsTheConversation() throws Exception {
        Path stranger = Files.writeString(
                folder.resolve("stranger.crt"),
                SelfSigned.make(folder, "stranger").certificatePem());
        for (String caFile : new String[] {"", ", caFile: \"" + stranger + "\""}) {
            String yaml = TestCache.yaml(folder, "", "")
                    .replace("upstreams: []", "upstreams: [{url: \"https://registry.example.com\"" + caFile + "}]");
            try (TestCache cache = new TestCache(folder, yaml, java.time.Clock.systemUTC(), internet.proxies())) {
                String authorization = registry.accounts().login().basic();
                assertThat(cache.get("/v2/acme/closed/manifests/v1", "Authorization", authorization)
                                .statusCode())
                        .isEqualTo(503);
            }
        }
        assertThat(internet.asked()).isEmpty();
    }
}
