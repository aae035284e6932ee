package dev.larder.nodecache.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.Callers;
import dev.larder.nodecache.fake.FakeLogin;
import dev.larder.nodecache.fake.FakeProxy;
import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import dev.larder.nodecache.fake.Http2Registry;
import dev.larder.nodecache.fake.SelfSigned;
import dev.larder.nodecache.fake.TestCertificate;
import dev.larder.nodecache.metrics.CacheMetrics;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.source.BlobStream;
import dev.larder.nodecache.source.Caller;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.source.SourceResult;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A redirect's name is looked up once, its addresses are looked at, and the connection goes to one of those. */
class PinnedRedirectIT {

    private static final RepositoryName REPOSITORY = new RepositoryName("library/app");

    @TempDir
    Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final FakeRegistry content = new FakeRegistry();
    private final Image image = content.push("library/app", "v1", 200_000, 1);
    private final List<String> lookedUp = new CopyOnWriteArrayList<>();

    @AfterEach
    void stop() throws Exception {
        content.close();
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    /** The first answer is the one given; every later one would lead elsewhere. */
    private List<InetAddress> rebinding(String host, String... first) {
        lookedUp.add(host);
        String[] answer = lookedUp.size() == 1 ? first : new String[] {"127.0.0.77"};
        return List.of(answer).stream().map(InetAddress::ofLiteral).toList();
    }

    private SourceResult<BlobStream> open(String url, @Nullable Path trusted, ProxyRules proxies, NameLookup names)
            throws InterruptedException {
        UpstreamSettings settings = new UpstreamSettings(
                "registry.test",
                URI.create(url),
                "",
                trusted,
                false,
                null,
                Set.of(),
                UpstreamSettings.Clients.PASSED_ON,
                Duration.ofSeconds(2),
                Duration.ofSeconds(5),
                4,
                20);
        CacheMetrics metrics = new CacheMetrics(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
        Upstreams upstreams = new Upstreams(
                vertx, metrics, Clock.systemUTC(), Thread::startVirtualThread, proxies, Callers.IDENTITIES, names);
        UpstreamSource source = Objects.requireNonNull(
                upstreams.use(List.of(settings), retired -> {}).get(settings));
        return source.openBlob(REPOSITORY, image.layer(), 0, Caller.ANONYMOUS, Deadline.in(Duration.ofSeconds(8)));
    }

    /** Nothing else here knows the name; the first address refuses connections. */
    @Test
    void theConnectionGoesToTheAddressThatWasLookedAt_underTheName() throws Exception {
        SelfSigned certificate = SelfSigned.make(folder, "cdn", "dns:cdn.test");
        Path trusted = Files.writeString(folder.resolve("ca.crt"), certificate.certificatePem());
        try (Http2Registry cdn = new Http2Registry(content, certificate);
                FakeRegistry upstream = new FakeRegistry()) {
            upstream.pushBlob("library/app", image.layerBytes());
            upstream.misbehave().redirectTo = "https://cdn.test:" + cdn.port();
            var result = open(
                    upstream.url(),
                    trusted,
                    ProxyRules.NONE,
                    (host, deadline) -> rebinding(host, "127.0.0.99", "127.0.0.1"));
            assertThat(result).isInstanceOf(SourceResult.Found.class);
            assertThat(lookedUp).containsExactly("cdn.test");
            assertThat(cdn.requests()).singleElement().satisfies(seen -> {
                assertThat(seen.serverName()).isEqualTo("cdn.test");
                assertThat(seen.authority()).isEqualTo("cdn.test:" + cdn.port());
            });
        }
    }

    @Test
    void namesAreLookedUp_asConnectionsDoIt() throws Exception {
        try (FakeRegistry upstream = new FakeRegistry()) {
            upstream.pushBlob("library/app", image.layerBytes());
            upstream.misbehave().redirectTo = "http://localhost:" + content.port();
            assertThat(open(upstream.url(), null, ProxyRules.NONE, NameLookup.of(vertx)))
                    .isInstanceOf(SourceResult.Found.class);
            upstream.misbehave().redirectTo = "http://nowhere.invalid:" + content.port();
            assertThat(open(upstream.url(), null, ProxyRules.NONE, NameLookup.of(vertx)))
                    .isInstanceOfSatisfying(SourceResult.Unavailable.class, unavailable -> assertThat(
                                    unavailable.failure().getMessage())
                            .contains("nowhere.invalid"));
        }
    }

    private SourceResult<BlobStream> throughAProxy(FakeRegistry upstream, Path trusted) throws Exception {
        try (FakeProxy proxy = new FakeProxy(upstream.port())) {
            ProxyRules rules =
                    ProxyRules.of(Map.of("HTTPS_PROXY", "http://127.0.0.1:" + proxy.port(), "NO_PROXY", "inner.test"));
            return open(
                    "https://registry.example.test",
                    trusted,
                    rules,
                    (host, deadline) -> rebinding(host, "10.0.0.1", "127.0.0.1"));
        }
    }

    private void isRefused(SourceResult<BlobStream> result) {
        assertThat(result).isInstanceOfSatisfying(SourceResult.Unavailable.class, unavailable -> assertThat(
                        unavailable.failure().getMessage())
                .contains("a name that leads to an address inside this node"));
        assertThat(lookedUp).containsExactly("inner.test");
        assertThat(content.requests()).isEmpty();
    }

    @Test
    void aNameThatLeadsIntoTheNode_isNotConnectedTo() throws Exception {
        TestCertificate certificate = new TestCertificate(folder, "registry.example.test");
        try (FakeRegistry upstream = new FakeRegistry(certificate.listener())) {
            upstream.pushBlob("library/app", image.layerBytes());
            upstream.misbehave().redirectTo = "https://inner.test:" + content.port();
            isRefused(throughAProxy(upstream, certificate.pem()));
        }
    }

    @Test
    void aTokenServerThatLeadsIntoTheNode_isNotConnectedTo() throws Exception {
        TestCertificate certificate = new TestCertificate(folder, "registry.example.test");
        try (FakeRegistry upstream = new FakeRegistry(certificate.listener())) {
            upstream.login().mode = FakeLogin.Mode.ANONYMOUS_TOKEN;
            upstream.login().realm = "https://inner.test:" + content.port() + "/token";
            isRefused(throughAProxy(upstream, certificate.pem()));
        }
    }
}
