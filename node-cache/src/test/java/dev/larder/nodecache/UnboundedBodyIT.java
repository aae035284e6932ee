package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.login.Internet;
import dev.larder.nodecache.fake.login.LoginSimulator;
import dev.larder.nodecache.fake.login.Reply;
import dev.larder.nodecache.fake.login.Simulators;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The class of CVE-2023-2253 (distribution) and of regclient's bounded reads: an answer that is read into memory whole, how
 * large it may be. Token answers: TokenServersIT.
 */
class UnboundedBodyIT {

    private static final int HUGE = 6 << 20;

    @TempDir
    Path folder;

    private final Internet internet = new Internet();
    private final LoginSimulator registry = Simulators.PLAIN.in(internet);

    @AfterEach
    void stop() {
        internet.close();
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "manifests/v1",
                "manifests/sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                "tags/list",
                "referrers/sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            })
    void answerBeyondItsBound_isRefused(String what) throws Exception {
        Reply huge = new Reply(
                200,
                List.of(Map.entry("Content-Type", "application/vnd.oci.image.manifest.v1+json")),
                " ".repeat(HUGE).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        internet.put("registry.example.com", asked -> huge);
        try (LoginCache cache = LoginCache.relay(folder, registry)) {
            assertThat(cache.cache()
                            .get("/v2/library/open/" + what + "?ns=registry.example.com")
                            .statusCode())
                    .isEqualTo(502);
        }
    }
}
