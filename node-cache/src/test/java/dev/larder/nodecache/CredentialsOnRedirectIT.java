package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.login.Internet;
import dev.larder.nodecache.fake.login.LoginSimulator;
import dev.larder.nodecache.fake.login.Reply;
import dev.larder.nodecache.fake.login.Simulators;
import dev.larder.nodecache.fake.login.Site;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The class of CVE-2020-15157 (https://github.com/containerd/containerd/security/advisories/GHSA-742w-89gc-8m9c): an image
 * leads to a host of a stranger's choice, which answers 401, and is sent a login.
 */
class CredentialsOnRedirectIT {

    private static final String EVIL = "evil.example.org";

    @TempDir
    Path folder;

    private final Internet internet = new Internet();
    private final LoginSimulator registry = Simulators.REGISTRY_TOKEN_SERVER.in(internet);
    private volatile String location = "https://" + EVIL + "/blob";

    @AfterEach
    void stop() {
        internet.close();
    }

    @BeforeEach
    void leadBlobsAway() {
        Site before = internet.at("registry.example.com");
        internet.put("registry.example.com", asked -> {
            Reply reply = before.answer(asked);
            return asked.path().contains("/blobs/") && reply.status() == 200 ? Reply.redirect(307, location) : reply;
        });
    }

    private void nothingLeaked() {
        assertThat(internet.asked(EVIL))
                .allSatisfy(asked -> assertThat(asked.authorization()).isEmpty());
        assertThat(internet.asked(EVIL))
                .noneSatisfy(asked -> assertThat(asked.path()).isEqualTo("/token"));
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"Basic realm=\"x\"", "Bearer realm=\"https://evil.example.org/token\",service=\"x\""})
    void challengeFromElsewhere_isNeitherAnsweredNorPassedOn(String challenge) throws Exception {
        internet.put(EVIL, asked -> Reply.challenge(challenge));
        try (LoginCache cache = LoginCache.shared(
                folder.resolve("shared"), registry, registry.accounts().login())) {
            assertThat(LoginCache.statuses(cache.fetch("acme/closed", registry.closedImage())))
                    .containsOnly(502);
            assertThat(cache.credentials()).isNotEqualTo("Invalid");
        }
        String token = "Bearer " + registry.tokens().mint(Set.of("acme/closed"));
        try (LoginCache cache = LoginCache.relay(folder.resolve("relay"), registry)) {
            for (HttpResponse<byte[]> answer :
                    cache.fetch("acme/closed", registry.closedImage(), "Authorization", token)) {
                assertThat(answer.statusCode()).isEqualTo(502);
                assertThat(answer.headers().firstValue("WWW-Authenticate")).isEmpty();
            }
        }
        assertThat(internet.asked(EVIL)).isNotEmpty();
        nothingLeaked();
    }

    @Test
    void refusalFromElsewhere_doesNotMakeAPublicRepositoryPrivate() throws Exception {
        internet.put(EVIL, asked -> Reply.error(403, "DENIED", "signature expired"));
        try (LoginCache cache = LoginCache.relay(folder, registry)) {
            assertThat(LoginCache.statuses(cache.resolve("library/open", registry.openImage())))
                    .containsOnly(200);
            assertThat(LoginCache.statuses(cache.fetch("library/open", registry.openImage())))
                    .containsOnly(502);
            internet.forget();
            assertThat(LoginCache.statuses(cache.resolve("library/open", registry.openImage())))
                    .containsOnly(200);
            assertThat(internet.asked()).isEmpty();
        }
    }

    @Test
    void redirectToHttp_isNotFollowed() throws Exception {
        location = "http://registry.example.com/v2/acme/closed/blobs/x";
        try (LoginCache cache =
                LoginCache.shared(folder, registry, registry.accounts().login())) {
            assertThat(LoginCache.statuses(cache.fetch("acme/closed", registry.closedImage())))
                    .containsOnly(502);
        }
        assertThat(internet.asked())
                .noneSatisfy(asked -> assertThat(asked.scheme()).isEqualTo("http"));
    }

    @Test
    void redirectOfAManifest_losesTheTokenToo() throws Exception {
        Site before = internet.at("registry.example.com");
        internet.put(EVIL, before);
        internet.put("registry.example.com", asked -> {
            Reply reply = before.answer(asked);
            return reply.status() == 200 ? Reply.redirect(302, "https://" + EVIL + asked.path()) : reply;
        });
        try (LoginCache cache =
                LoginCache.shared(folder, registry, registry.accounts().login())) {
            assertThat(LoginCache.statuses(cache.resolve("acme/closed", registry.closedImage())))
                    .containsOnly(502);
        }
        assertThat(internet.asked(EVIL)).isNotEmpty();
        nothingLeaked();
    }
}
