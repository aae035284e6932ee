package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.login.Internet;
import dev.larder.nodecache.fake.login.LoginSimulator;
import dev.larder.nodecache.fake.login.Simulators;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every way to write one and the same challenge (RFC 9110 section 11.6.1) comes to the same: one token, and the pull. */
class ChallengeFormsIT {

    @TempDir
    Path folder;

    private final Internet internet = new Internet();
    private final LoginSimulator registry = Simulators.REGISTRY_TOKEN_SERVER.in(internet);

    @AfterEach
    void stop() {
        internet.close();
    }

    private static Arguments form(String name, Function<String, List<String>> change) {
        return Arguments.of(name, change);
    }

    static Stream<Arguments> forms() {
        String open = "repository:library/open:pull";
        return Stream.of(
                form(
                        "service and scope without quotes",
                        c -> List.of(c.replaceAll("(service|scope)=\"(.*?)\"", "$1=$2"))),
                form("nothing in quotes", c -> List.of(c.replace("\"", ""))),
                form(
                        "another case",
                        c -> List.of(c.replace("Bearer realm", "bEARER REALM").replace("scope", "Scope"))),
                form("spaces", c -> List.of(c.replace(",", " ,  ").replace("=\"", " = \""))),
                form("another order", c -> List.of(c.replaceFirst("Bearer (realm=\".*?\"),(.*)", "Bearer $2,$1"))),
                form("after Basic in the same header", c -> List.of("Basic realm=\"Registry\", " + c)),
                form(
                        "before Basic in the same header",
                        c -> List.of(c + ", Basic realm=\"a, Bearer realm=\\\"b\\\"\"")),
                form("after Basic in a header of its own", c -> List.of("Basic realm=\"Registry\"", c)),
                form("before Basic in a header of its own", c -> List.of(c, "Basic realm=\"Registry\"")),
                form("after Negotiate with a token", c -> List.of("Negotiate YWJj/+==", "NTLM, " + c)),
                form(
                        "with an error",
                        c -> List.of(c + ",error=\"invalid_token\",error_description=\"say \\\"a, b\\\"\"")),
                form("several actions", c -> List.of(c.replace(":pull", ":pull,push"))),
                form("scopes of two repositories", c -> List.of(c.replace("scope=\"", "scope=\"" + open + " "))),
                form("without a scope", c -> List.of(c.replaceAll(",scope=\".*?\"", ""))),
                form("an empty scope", c -> List.of(c.replaceAll("scope=\".*?\"", "scope=\"\""))),
                form("a realm with a query", c -> List.of(c.replace("/token\"", "/token?tenant=a%20b\""))),
                form("a realm with its port", c -> List.of(c.replace(".com/token", ".com:443/token"))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("forms")
    void challenge(String name, Function<String, List<String>> change) throws Exception {
        registry.rechallenge(change);
        try (LoginCache cache =
                LoginCache.shared(folder, registry, registry.accounts().login())) {
            assertThat(LoginCache.statuses(cache.pullClosed()))
                    .as(internet.asked().toString())
                    .containsOnly(200);
            assertThat(cache.credentials()).isEqualTo("Valid");
        }
        assertThat(registry.tokenRequests()).hasSize(1);
        assertThat(registry.registryRequests()).hasSize(5);
    }

    @Test
    void relayedChallenges_areUnchanged_eachInAHeaderOfItsOwn() throws Exception {
        List<String> challenges =
                List.of("Bearer realm=https://auth.example.com/token,service=\"s\"", "Basic realm=\"b\"");
        registry.rechallenge(challenge -> challenges);
        registry.changeTokenServer(before -> asked -> dev.larder.nodecache.fake.login.Reply.json(401, "{}"));
        try (LoginCache cache = LoginCache.relay(folder, registry)) {
            for (HttpResponse<byte[]> answer : cache.pullClosed()) {
                assertThat(answer.statusCode()).isEqualTo(401);
                assertThat(answer.headers().allValues("WWW-Authenticate")).isEqualTo(challenges);
            }
        }
    }
}
