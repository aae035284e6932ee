package dev.larder.nodecache.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.net.URI;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthChallengeTest {

    @Test
    void parse_quotedAndNot() {
        AuthChallenge challenge = AuthChallenge.parse(
                        "Bearer realm=\"https://gcr.io/v2/token\",service=gcr.io, Scope=\"repository:a/b:pull,push\"")
                .getFirst();
        assertThat(challenge.isBearer()).isTrue();
        assertThat(challenge.realm()).isEqualTo("https://gcr.io/v2/token");
        assertThat(challenge.service()).isEqualTo("gcr.io");
        assertThat(challenge.scope()).isEqualTo("repository:a/b:pull,push");
    }

    @Test
    void parse_escapesAndBasic() {
        AuthChallenge challenge =
                AuthChallenge.parse("basic realm=\"a \\\"b\\\"\"").getFirst();
        assertThat(challenge.isBasic()).isTrue();
        assertThat(challenge.realm()).isEqualTo("a \"b\"");
        assertThat(AuthChallenge.parse("Bearer")).singleElement().satisfies(c -> assertThat(c.isBearer())
                .isFalse());
        assertThat(AuthChallenge.parse("")).isEmpty();
        assertThat(AuthChallenge.parse("\"")).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "Basic realm=\"x\", Bearer realm=\"https://a/t\",service=s,scope=\"r:p\"",
                "Bearer realm=\"https://a/t\" , service=s, scope=\"r:p\", Basic realm=\"x, Bearer realm=y\"",
                "Negotiate abc/+==, Bearer realm = \"https://a/t\",service=\"s\",scope=\"r:p\"",
                "NTLM, bearer REALM=\"https://a/t\",Service=s,SCOPE=\"r:p\",error=\"invalid_token\"",
            })
    void best_ofSeveralInOneHeader(String header) {
        assertThat(AuthChallenge.best(List.of(header))).hasValueSatisfying(challenge -> {
            assertThat(challenge.realm()).isEqualTo("https://a/t");
            assertThat(challenge.service()).isEqualTo("s");
            assertThat(challenge.scope()).isEqualTo("r:p");
        });
    }

    @Test
    void best_ofSeveralHeaders() {
        assertThat(AuthChallenge.best(List.of("Basic realm=\"b\"", "Bearer realm=\"https://a/t\"")))
                .hasValueSatisfying(
                        challenge -> assertThat(challenge.isBearer()).isTrue());
        assertThat(AuthChallenge.best(List.of("Digest realm=\"d\"", "Basic realm=\"b\"")))
                .hasValueSatisfying(challenge -> assertThat(challenge.realm()).isEqualTo("b"));
        assertThat(AuthChallenge.best(List.of("Digest realm=\"d\""))).isEmpty();
    }

    @Test
    void parse_anything() {
        Random random = new Random(3);
        String alphabet = "Bearer =\",\\x;realm";
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder("Bearer ");
            for (int n = random.nextInt(60); n > 0; n--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            assertThatCode(() -> AuthChallenge.parse(text.toString())).doesNotThrowAnyException();
        }
    }

    @ParameterizedTest(name = "{0} may send our credentials to {1}: {2}")
    @CsvSource({
        "https://registry-1.docker.io, https://auth.docker.io/token, true",
        "https://ghcr.io, https://ghcr.io/token, true",
        "https://ghcr.io, http://ghcr.io/token, false",
        "https://ghcr.io, https://evil.example/token, false",
        "https://registry.example.co.uk, https://auth.other.co.uk/token, false",
        "https://registry.example.co.uk, https://auth.example.co.uk/token, true",
        "https://10.0.0.1:5000, https://10.0.0.2/token, false",
        "http://10.0.0.1:5000, http://10.0.0.1:5001/token, true",
        "https://ghcr.io, /token, true",
        "https://ghcr.io, //evil.example/token, false",
        "https://ghcr.io, https://ghcr.io@evil.example/token, false",
        "https://ghcr.io, https://ghcr.io.evil.example/token, false",
        "https://acme.azurecr.io, https://evil.azurecr.io/oauth2/token, false",
        "https://acme.azurecr.io, https://acme.azurecr.io/oauth2/token, true",
        "https://registry.gitlab.com, https://gitlab.com/jwt/auth, true",
        "https://ghcr.io, not a uri, false",
        "https://ghcr.io, file:///etc/passwd, false",
    })
    void realm_withCredentials(String upstream, String realm, boolean allowed) {
        assertThat(TokenRealms.allowed(URI.create(upstream), false, realm, true, Set.of())
                        .isPresent())
                .isEqualTo(allowed);
    }

    @ParameterizedTest(name = "{0} beside a registry of another domain: {1}")
    @CsvSource({
        "https://auth.example.org/token, true",
        "https://AUTH.example.org:443/other/token, true",
        "https://auth.example.org:8443/token, false",
        "https://sso.example.org:8443/token, true",
        "https://sso.example.org/token, false",
        "http://auth.example.org/token, false",
        "https://evil.auth.example.org/token, false",
        "https://auth.example.org@evil.example/token, false",
    })
    void realm_listed(String realm, boolean allowed) {
        Set<String> listed = Set.of("auth.example.org", "sso.example.org:8443");
        URI upstream = URI.create("https://registry.test");
        assertThat(TokenRealms.allowed(upstream, false, realm, true, listed).isPresent())
                .isEqualTo(allowed);
    }

    @ParameterizedTest(name = "{0} may redirect to {1}: {2}")
    @CsvSource({
        "https://203.0.113.1, https://cdn.invalid/x, true",
        "https://203.0.113.1, http://cdn.invalid/x, false",
        "https://203.0.113.1, https://127.0.0.1/x, false",
        "https://203.0.113.1, https://[::1]/x, false",
        "http://203.0.113.1, http://169.254.169.254/latest/meta-data, false",
        "http://127.0.0.1:5000, http://127.0.0.1:6000/x, true",
        "https://203.0.113.1, ftp://cdn.invalid/x, false",
        "https://203.0.113.1, /v2/other, true",
    })
    void redirect_rules(String upstream, String location, boolean followed) {
        URI from = URI.create(upstream + "/v2/a/blobs/b");
        boolean went;
        try {
            boolean inside = RedirectRules.isInternal(from.getHost());
            went = !RedirectRules.follow(URI.create(upstream), inside, from, location)
                    .toString()
                    .isEmpty();
        } catch (dev.larder.nodecache.error.UpstreamFailure e) {
            went = false;
        }
        assertThat(went).isEqualTo(followed);
    }
}
