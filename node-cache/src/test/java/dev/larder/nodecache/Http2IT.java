package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.FakeLogin;
import dev.larder.nodecache.fake.FakeProxy;
import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import dev.larder.nodecache.fake.Http2Registry;
import dev.larder.nodecache.fake.Relay;
import dev.larder.nodecache.fake.SelfSigned;
import dev.larder.nodecache.fake.TestCertificate;
import dev.larder.nodecache.upstream.ProxyRules;
import io.vertx.core.http.HttpVersion;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes over which protocol and how many connections, and what becomes of a shared connection that ends. */
class Http2IT {

    private static final int MANY = 40;

    @TempDir
    Path folder;

    private final FakeRegistry content = new FakeRegistry();
    private final List<Image> images = new ArrayList<>();
    private Http2Registry upstream;
    private Path authority;

    @BeforeEach
    void start() throws Exception {
        SelfSigned certificate = SelfSigned.make(folder, "upstream");
        authority = Files.writeString(folder.resolve("ca.crt"), certificate.certificatePem());
        upstream = new Http2Registry(content, certificate);
        for (int i = 0; i < MANY; i++) {
            images.add(content.push("library/app", "v" + i, 300_000, i));
        }
    }

    @AfterEach
    void stop() {
        upstream.close();
        content.close();
    }

    private TestCache cache(int port, Path trusted) {
        String one = "{url: 'https://localhost:" + port + "', caFile: '" + trusted + "'}";
        return new TestCache(
                folder, TestCache.yaml(folder, "", "").replace("upstreams: []", "upstreams: [" + one + "]"));
    }

    private void pullsManifest(TestCache cache, int i) throws Exception {
        assertThat(cache.get("/v2/library/app/manifests/v" + i).body())
                .isEqualTo(images.get(i).manifestBytes());
    }

    private static void atOnce(int count, java.util.function.IntFunction<Callable<?>> task) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                running.add(threads.submit(task.apply(i)));
            }
            for (Future<?> one : running) {
                one.get(30, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void everythingSmall_sharesOneConnection_eachBlobHasItsOwn() throws Exception {
        content.login().mode = FakeLogin.Mode.ANONYMOUS_TOKEN;
        try (TestCache cache = cache(upstream.port(), authority)) {
            atOnce(MANY, i -> () -> {
                pullsManifest(cache, i);
                return cache.get("/v2/library/app/tags/list?n=" + (i + 1));
            });
            assertThat(upstream.accepted()).isEqualTo(1);
            assertThat(upstream.requests())
                    .anyMatch(seen -> seen.path().startsWith("/token"))
                    .anyMatch(seen -> seen.path().contains("/tags/"))
                    .anyMatch(seen -> seen.method().equals("HEAD"))
                    .allMatch(seen -> seen.version() == HttpVersion.HTTP_2);
            atOnce(
                    MANY,
                    i -> () -> assertThat(cache.get("/v2/library/app/blobs/"
                                            + images.get(i).layer())
                                    .body())
                            .isEqualTo(images.get(i).layerBytes()));
            List<Http2Registry.Seen> blobs = upstream.requests().stream()
                    .filter(Http2Registry.Seen::isBlob)
                    .toList();
            assertThat(blobs).hasSize(MANY).allMatch(seen -> seen.version() == HttpVersion.HTTP_1_1);
            // The shared one, and what the pool of the others may have: a fill gives up its place in
            // limits.fillsPerUpstream, of
            // which there are 16, a moment before its connection is back.
            assertThat(upstream.accepted()).isBetween(2, 1 + 2 * 16);
        }
    }

    @Test
    void withoutHttp2_sixteenConnections_areShared() throws Exception {
        TestCertificate certificate = new TestCertificate(folder, "localhost");
        try (FakeRegistry old = new FakeRegistry(certificate.listener());
                Relay counting = new Relay(old.port());
                TestCache cache = cache(counting.port(), certificate.pem())) {
            for (int i = 0; i < MANY; i++) {
                old.push("library/app", "v" + i, 1000, i);
            }
            atOnce(
                    MANY,
                    i -> () -> assertThat(
                                    cache.get("/v2/library/app/manifests/v" + i).statusCode())
                            .isEqualTo(200));
            assertThat(old.count("GET", "/manifests/")).isEqualTo(MANY);
            assertThat(counting.accepted()).isBetween(1, 16);
        }
    }

    @Test
    void throughAProxy_itIsHttp2Too() throws Exception {
        String one = "{url: 'https://localhost.example:" + upstream.port() + "', insecureSkipVerify: true}";
        String yaml = TestCache.yaml(folder, "", "").replace("upstreams: []", "upstreams: [" + one + "]");
        try (FakeProxy proxy = new FakeProxy(upstream.port());
                TestCache cache = new TestCache(
                        folder,
                        yaml,
                        Clock.systemUTC(),
                        ProxyRules.of(Map.of("HTTPS_PROXY", "http://127.0.0.1:" + proxy.port())))) {
            pullsManifest(cache, 1);
            assertThat(proxy.heads()).hasSize(1);
            assertThat(upstream.requests()).allMatch(seen -> seen.version() == HttpVersion.HTTP_2);
        }
    }

    @Test
    void http1Required_isObeyed() throws Exception {
        upstream.refusesHttp2 = true;
        try (TestCache cache = cache(upstream.port(), authority)) {
            pullsManifest(cache, 1);
            assertThat(upstream.requests().getLast().version()).isEqualTo(HttpVersion.HTTP_1_1);
        }
    }

    /** Over HTTP/1.1 it does not get as far; an answer to the client could not be written with it. */
    @Test
    void controlCharacterInAChallenge_isABadAnswer_andNotWaitedFor() throws Exception {
        content.login().mode = FakeLogin.Mode.USER_TOKEN;
        upstream.challenge = "Bearer realm=\"" + upstream.url() + "/token\",service=\"\u0001\"";
        try (TestCache cache = cache(upstream.port(), authority)) {
            long began = System.nanoTime();
            assertThat(cache.get("/v2/library/app/manifests/v1").statusCode()).isEqualTo(502);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(6));
            assertThat(upstream.requests().getLast().version()).isEqualTo(HttpVersion.HTTP_2);
        }
    }

    @Test
    void goAway_isFollowed_withoutAFailure() throws Exception {
        try (TestCache cache = cache(upstream.port(), authority)) {
            for (int i = 0; i < 10; i++) {
                pullsManifest(cache, i);
                upstream.goAway();
            }
            assertThat(upstream.accepted()).isGreaterThan(1);
        }
    }

    @Test
    void resetInTheMiddleOfAManifest_isAskedForOnceMore_overTheSameConnection() throws Exception {
        try (TestCache cache = cache(upstream.port(), authority)) {
            upstream.resets.set(1);
            pullsManifest(cache, 1);
            assertThat(upstream.accepted()).isEqualTo(1);
            assertThat(upstream.requests().stream().filter(seen -> seen.method().equals("GET")))
                    .hasSize(2);
            upstream.resets.set(2);
            assertThat(cache.get("/v2/library/app/manifests/v2").statusCode()).isEqualTo(503);
            pullsManifest(cache, 2);
        }
    }

    @Test
    void silentConnection_isLeftForANewOne() throws Exception {
        try (Relay relay = new Relay(upstream.port());
                TestCache cache = cache(relay.port(), authority)) {
            pullsManifest(cache, 1);
            assertThat(relay.accepted()).isEqualTo(1);
            relay.forget();
            long began = System.nanoTime();
            atOnce(10, i -> () -> {
                pullsManifest(cache, 10 + i);
                return null;
            });
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(6));
            HttpResponse<byte[]> next = cache.get("/v2/library/app/manifests/v30");
            assertThat(next.statusCode()).isEqualTo(200);
            assertThat(relay.accepted()).isEqualTo(2);
        }
    }
}
