package dev.larder.nodecache.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.fuzz.Fuzz;
import java.net.URI;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What an upstream's headers may hold. */
class UpstreamFuzzTest {

    private static final URI UPSTREAM = URI.create("http://127.0.0.1:5000");

    @Test
    void challenges() throws InterruptedException {
        List<String> seeds = List.of(
                "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\",scope=\"repository:a/b:pull\"",
                "Basic realm=\"x\"",
                "bearer realm=https://x/y,service=z",
                "Bearer realm=\"http://127.0.0.1:5000/token\",service=\"z\"",
                "Bearer realm=\"a\\\"b\\\\c\"");
        Fuzz.run(seeds, input -> AuthChallenge.parse(input).forEach(challenge -> {
            assertThat(challenge.scheme()).isNotEmpty();
            if (needsNoLookUp(challenge.realm())) {
                TokenRealms.allowed(UPSTREAM, false, challenge.realm(), true, Set.of())
                        .ifPresent(realm -> assertThat(realm.getHost()).isEqualTo("127.0.0.1"));
            }
        }));
    }

    /** A host's name would be asked of the resolver, which is neither quick nor there everywhere. */
    private static boolean needsNoLookUp(String location) {
        try {
            String host = UPSTREAM.resolve(location).getHost();
            return host == null || host.matches("[0-9]+(\\.[0-9]+){3}|\\[.*]");
        } catch (IllegalArgumentException e) {
            return true;
        }
    }

    @Test
    void redirects() throws InterruptedException {
        List<String> seeds = List.of(
                "http://127.0.0.1:9/x?y=z",
                "/v2/blobs/uploads",
                "../../x",
                "//127.0.0.2/y",
                "file:///etc/passwd",
                "http://[::1]/");
        Fuzz.run(seeds, input -> {
            if (!needsNoLookUp(input)) {
                return;
            }
            try {
                assertThat(RedirectRules.follow(UPSTREAM, false, UPSTREAM, input)
                                .getScheme())
                        .isIn("http", "https");
            } catch (UpstreamFailure e) {
                assertThat(e.kind()).isEqualTo(UpstreamFailure.Kind.MALFORMED);
            }
        });
    }
}
