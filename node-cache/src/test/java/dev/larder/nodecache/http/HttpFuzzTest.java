package dev.larder.nodecache.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.error.ContentUnknown;
import dev.larder.nodecache.error.InvalidRequest;
import dev.larder.nodecache.error.RangeUnsatisfiable;
import dev.larder.nodecache.fuzz.Fuzz;
import dev.larder.nodecache.registry.ByteRange;
import dev.larder.nodecache.registry.Route;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What clients send, and what the run directory holds. */
class HttpFuzzTest {

    private static final String DIGEST = "sha256:" + "a1".repeat(32);

    @Test
    void routes() throws InterruptedException {
        List<String> seeds = List.of(
                "/v2/?",
                "/v2/library/nginx/manifests/1.27?ns=docker.io",
                "/v2/docker.io/library/nginx/manifests/" + DIGEST + "?",
                "/v2/library/nginx/blobs/" + DIGEST + "?ns=registry.local:5000",
                "/v2/a/b/c/tags/list?n=5&last=x&ns=%64ocker.io",
                "/v2/a/manifests/blobs/referrers/" + DIGEST + "?artifactType=a%2Fb&ns=[::1]:5000");
        Fuzz.run(seeds, input -> {
            int question = input.indexOf('?');
            String path = question < 0 ? input : input.substring(0, question);
            String query = question < 0 ? null : input.substring(question + 1);
            try {
                Route route = Routes.parse("GET", path, query, null).route();
                if (route instanceof Route.InRepository in) {
                    staysInItsFolder(in.repository().registry().value());
                    staysInItsFolder(in.repository().repository().value());
                }
            } catch (InvalidRequest | ContentUnknown e) {
                assertThat(e.getMessage()).hasSizeLessThan(1000);
            }
        });
    }

    private static void staysInItsFolder(String path) {
        for (String segment : path.split("/", -1)) {
            assertThat(segment.isEmpty() || segment.equals(".") || segment.equals("..") || segment.indexOf('\0') >= 0)
                    .isFalse();
        }
    }

    @Test
    void ranges() throws InterruptedException {
        List<String> seeds = List.of(
                "bytes=0-",
                "bytes=-500",
                "bytes=500-1499",
                "bytes=0-1,5-6",
                "bytes=9223372036854775807-",
                "bytes=0-18446744073709551616");
        Fuzz.run(seeds, input -> {
            Optional<ByteRange> range = RangeHeader.parse(List.of(input));
            for (long size : new long[] {0, 1, 1000, Long.MAX_VALUE}) {
                try {
                    range.map(r -> r.within(size)).ifPresent(span -> {
                        assertThat(span.from()).isBetween(0L, size);
                        assertThat(span.to()).isBetween(span.from(), size);
                    });
                } catch (RangeUnsatisfiable e) {
                    assertThat(e.size()).isEqualTo(size);
                }
            }
        });
    }

    @Test
    void hostsWriterFile() throws InterruptedException {
        String now = Clock.systemUTC().instant().plusSeconds(3600).toString();
        List<String> seeds = List.of(
                "{\"updatedAt\":\"" + now + "\",\"kills\":3,\"registries\":[{\"host\":\"a\",\"state\":\"Present\"}]}",
                "{\"updatedAt\":\"+1000000000-12-31T23:59:59.999999999Z\",\"registries\":[[],7,null,{\"host\":{}}]}",
                "{\"updatedAt\":\"" + now + "\",\"kills\":-1e400,\"registries\":{}}",
                "{\"registries\":[".repeat(499));
        Fuzz.run(seeds, input -> {
            HostsWriterFile file = new HostsWriterFile(() -> Optional.of(input), Clock.systemUTC());
            assertThat(file.entries().stream().allMatch(row -> row.labels().size() == 1))
                    .isTrue();
            assertThat(file.kills()).hasSizeLessThanOrEqualTo(1);
        });
    }
}
