package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.login.Asked;
import dev.larder.nodecache.fake.login.Internet;
import dev.larder.nodecache.fake.login.LoginSimulator;
import dev.larder.nodecache.fake.login.Reply;
import dev.larder.nodecache.fake.login.Simulators;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The class of CVE-2026-33540 (https://github.com/distribution/distribution/security/advisories/GHSA-3p65-76g6-3w7r): an
 * upstream, or who speaks in its place, names a token server of its choice, and is sent the operator's password.
 */
class TokenRealmExfiltrationIT {

    @TempDir
    Path folder;

    private final Internet internet = new Internet();
    private final FakeRegistry inside = new FakeRegistry();

    @AfterEach
    void stop() {
        internet.close();
        inside.close();
    }

    /** With the realm in the challenge, and a token server behind each name that would take any login. */
    private void pullWith(LoginSimulator registry, String realm) throws Exception {
        String named = realm.replace("INSIDE", Integer.toString(inside.port()));
        for (String host : List.of("evil.example.org", "evil.azurecr.io")) {
            internet.put(host, asked -> Reply.json(200, "{\"token\":\"gotcha\"}"));
        }
        registry.rechallenge(challenge -> List.of(challenge.replaceFirst("realm=\".*?\"", "realm=\"" + named + "\"")));
        try (LoginCache cache =
                LoginCache.shared(folder, registry, registry.accounts().login())) {
            assertThat(LoginCache.statuses(cache.pullClosed())).containsOnly(403);
            assertThat(cache.credentials()).isEqualTo("Invalid");
        }
        assertThat(internet.asked()).allSatisfy(asked -> {
            assertThat(asked.authorization()).doesNotStartWith("Basic");
            assertThat(asked.method()).isNotEqualTo("POST");
            assertThat(asked.scheme()).isEqualTo("https");
        });
        assertThat(inside.requests()).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "https://evil.example.org/token",
                "//evil.example.org/token",
                "https://registry.example.com@evil.example.org/token",
                "https://registry.example.com:443@evil.example.org/token",
                "http://registry.example.com/token",
                "http://auth.example.com/token",
                "https://169.254.169.254/token",
                "http://127.0.0.1:INSIDE/token",
                "https://127.0.0.1:INSIDE/token",
                "https://localhost:INSIDE/token",
                "https://[::1]:INSIDE/token",
                "file:///etc/passwd",
            })
    void realmElsewhere_getsNoPassword(String realm) throws Exception {
        pullWith(Simulators.REGISTRY_TOKEN_SERVER.in(internet), realm);
    }

    /** It is the same stranger as above, and the only one here that the list changes anything for. */
    @Test
    void realmThatIsListed_getsThePassword() throws Exception {
        LoginSimulator registry = Simulators.REGISTRY_TOKEN_SERVER.in(internet);
        internet.put("evil.example.org", asked -> Reply.json(401, "{}"));
        registry.rechallenge(challenge ->
                List.of(challenge.replaceFirst("realm=\".*?\"", "realm=\"https://evil.example.org/token\"")));
        try (LoginCache cache =
                LoginCache.listing(folder, registry, registry.accounts().login(), "evil.example.org")) {
            assertThat(LoginCache.statuses(cache.pullClosed())).containsOnly(403);
        }
        assertThat(internet.asked("evil.example.org"))
                .extracting(Asked::authorization)
                .anySatisfy(shown -> assertThat(shown).startsWith("Basic "));
    }

    @Test
    void realmOfAnotherCustomerOfTheHoster_getsNoPassword() throws Exception {
        pullWith(Simulators.ACR.in(internet), "https://evil.azurecr.io/oauth2/token");
        assertThat(internet.asked("evil.azurecr.io"))
                .extracting(Asked::authorization)
                .containsOnly("");
    }
}
