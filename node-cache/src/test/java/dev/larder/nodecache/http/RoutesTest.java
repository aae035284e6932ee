package dev.larder.nodecache.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.larder.nodecache.error.CacheException;
import dev.larder.nodecache.registry.Route;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoutesTest {

    private static final String HEX = "a".repeat(64);

    @ParameterizedTest
    @CsvSource({
        "/v2/, '', other, ''",
        "/v2/library/nginx/manifests/1.27, ns=docker.io, manifest, docker.io/library/nginx",
        "/v2/docker.io/library/nginx/manifests/1.27, '', manifest, docker.io/library/nginx",
        "/v2/a/b/blobs/sha256:HEX, n=1&ns=x.io%3A5000, blob, x.io:5000/a/b",
        "/v2/a/b/blobs/sha256%3AHEX, ns=x.io, blob, x.io/a/b",
        "/v2/manifests/blobs/manifests/blobs, ns=x.io, manifest, x.io/manifests/blobs",
        "/v2/a/tags/list, ns=X.IO&n=2, tags, x.io/a",
        "/v2/a/referrers/sha256:HEX, ns=x.io&artifactType=b, referrers, x.io/a",
    })
    void parse_what(String path, String query, String kind, String repository) {
        Route route = Routes.parse("GET", path.replace("HEX", HEX), query, null).route();
        assertThat(route.kind()).isEqualTo(kind);
        assertThat(route instanceof Route.InRepository in ? in.repository().toString() : "")
                .isEqualTo(repository);
    }

    @Test
    void parse_namespaceIsTakenOutOfThePassedQuery() {
        Routes.Parsed parsed = Routes.parse("GET", "/v2/a/tags/list", "n=2&ns=x.io&last=b%20c", "y.io");
        assertThat(parsed.route()).isInstanceOf(Route.Tags.class);
        assertThat(((Route.Tags) parsed.route()).query()).isEqualTo("n=2&last=b%20c");
        assertThat(parsed.namespace()).hasValue("x.io");
        assertThat(Routes.parse("GET", "/v2/a/tags/list", null, "y.io").namespace())
                .hasValue("y.io");
    }

    /** Whatever comes, it is a route or a refusal, and never a name that leaves its folder. */
    @Test
    void parse_anything() {
        Random random = new Random(7);
        String alphabet = "abz09/._-:%@?2e \u00e9A";
        for (int i = 0; i < 20_000; i++) {
            StringBuilder path = new StringBuilder("/v2/");
            for (int n = random.nextInt(40); n > 0; n--) {
                path.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            path.append(random.nextBoolean() ? "/manifests/x" : "/tags/list");
            assertThatCode(() -> {
                        try {
                            Route route = Routes.parse("GET", path.toString(), "ns=x.io", null)
                                    .route();
                            assertThat(((Route.InRepository) route)
                                            .repository()
                                            .repository()
                                            .value())
                                    .doesNotContain("..", "//", "_/", "/_")
                                    .doesNotStartWith("/");
                        } catch (CacheException e) {
                            assertThat(e).hasMessageNotContaining("null");
                        }
                    })
                    .doesNotThrowAnyException();
        }
    }
}
