package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.FakeProxy;
import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import dev.larder.nodecache.fake.TestCertificate;
import dev.larder.nodecache.upstream.ProxyRules;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How upstreams are reached: certificates of a private authority, proxies, addresses of version 6. */
class UpstreamConnectionIT {

    @TempDir
    Path folder;

    private TestCache cache(String upstream, ProxyRules proxies) {
        String yaml = TestCache.yaml(folder, "", "").replace("upstreams: []", "upstreams: [{" + upstream + "}]");
        return new TestCache(folder, yaml, Clock.systemUTC(), proxies);
    }

    private static ProxyRules through(FakeProxy proxy, String except) {
        return ProxyRules.of(Map.of("HTTPS_PROXY", "http://ann:s3cret@127.0.0.1:" + proxy.port(), "NO_PROXY", except));
    }

    private static void pulls(TestCache cache, Image image) throws Exception {
        assertThat(cache.get("/v2/library/app/manifests/v1").body()).isEqualTo(image.manifestBytes());
        assertThat(cache.get("/v2/library/app/blobs/" + image.layer()).body()).isEqualTo(image.layerBytes());
    }

    /** The name does not resolve here: the proxy knows it. */
    @Test
    void throughAProxy_toAnUpstreamOfAPrivateAuthority() throws Exception {
        TestCertificate certificate = new TestCertificate(folder, "registry.example.test");
        try (FakeRegistry upstream = new FakeRegistry(certificate.listener());
                FakeProxy proxy = new FakeProxy(upstream.port());
                TestCache cache = cache(
                        "url: 'https://registry.example.test', caFile: '" + certificate.pem() + "'",
                        through(proxy, "other.test"))) {
            pulls(cache, upstream.push("library/app", "v1", 300_000, 1));
            assertThat(proxy.heads()).isNotEmpty().allSatisfy(head -> assertThat(head)
                    .startsWith("CONNECT registry.example.test:443 ")
                    .containsIgnoringCase("proxy-authorization: Basic YW5uOnMzY3JldA=="));
            assertThat(upstream.count(seen -> seen.header("proxy-authorization") != null))
                    .isZero();
            assertThat(upstream.requests().getFirst().header("host")).isEqualTo("registry.example.test");
        }
    }

    @Test
    void exemptFromTheProxy_isGoneToDirectly() throws Exception {
        TestCertificate certificate = new TestCertificate(folder, "localhost");
        try (FakeRegistry upstream = new FakeRegistry(certificate.listener());
                FakeProxy proxy = new FakeProxy(upstream.port());
                TestCache cache = cache(
                        "url: 'https://localhost:" + upstream.port() + "', caFile: '" + certificate.pem() + "'",
                        through(proxy, ""))) {
            pulls(cache, upstream.push("library/app", "v1", 300_000, 1));
            assertThat(proxy.heads()).isEmpty();
        }
    }

    @Test
    void aCertificateNobodyVouchesFor_isRefused_unlessToldOtherwise() throws Exception {
        TestCertificate certificate = new TestCertificate(folder, "localhost");
        try (FakeRegistry upstream = new FakeRegistry(certificate.listener())) {
            Image image = upstream.push("library/app", "v1", 300_000, 1);
            String url = "url: 'https://localhost:" + upstream.port() + "'";
            try (TestCache cache = cache(url, ProxyRules.NONE)) {
                HttpResponse<byte[]> answer = cache.get("/v2/library/app/manifests/v1");
                assertThat(answer.statusCode()).isEqualTo(503);
                assertThat(new String(answer.body(), StandardCharsets.UTF_8)).contains("cannot be reached");
                assertThat(upstream.requests()).isEmpty();
            }
            try (TestCache cache = cache(url + ", insecureSkipVerify: true", ProxyRules.NONE)) {
                pulls(cache, image);
            }
        }
    }

    @Test
    void aCertificateForAnotherName_isRefused() throws Exception {
        TestCertificate certificate = new TestCertificate(folder, "registry.example.test");
        try (FakeRegistry upstream = new FakeRegistry(certificate.listener());
                TestCache cache = cache(
                        "url: 'https://localhost:" + upstream.port() + "', caFile: '" + certificate.pem() + "'",
                        ProxyRules.NONE)) {
            assertThat(cache.get("/v2/library/app/manifests/v1").statusCode()).isEqualTo(503);
            assertThat(upstream.requests()).isEmpty();
        }
    }

    @Test
    void certificatesThatChange_areReadAgain_andStayWhileTheirFileIsAway() throws Exception {
        TestCertificate old = new TestCertificate(folder, "registry.example.test");
        TestCertificate certificate = new TestCertificate(folder, "localhost");
        Path file = Files.copy(old.pem(), folder.resolve("ca.crt"));
        try (FakeRegistry upstream = new FakeRegistry(certificate.listener())) {
            Image image = upstream.push("library/app", "v1", 300_000, 1);
            String yaml = TestCache.yaml(folder, "", "")
                    .replace(
                            "upstreams: []",
                            "upstreams: [{url: 'https://localhost:" + upstream.port() + "', caFile: '" + file + "'}]");
            try (CacheProcess cache = new CacheProcess(folder, List.of("-Xmx64m"), yaml)) {
                cache.serve();
                String blob = "/v2/library/app/blobs/";
                assertThat(cache.get(blob + image.layer()).statusCode()).isEqualTo(503);

                Files.copy(certificate.pem(), file, StandardCopyOption.REPLACE_EXISTING);
                await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(
                                cache.get(blob + image.layer()).body())
                        .isEqualTo(image.layerBytes()));

                Files.delete(file);
                await().atMost(Duration.ofSeconds(30))
                        .untilAsserted(
                                () -> assertThat(cache.admin("/status").body()).contains("cannot be used"));
                assertThat(cache.get(blob + image.config()).statusCode()).isEqualTo(200);
                Files.copy(certificate.pem(), file);
                await().atMost(Duration.ofSeconds(30))
                        .untilAsserted(
                                () -> assertThat(cache.admin("/status").body()).doesNotContain("cannot be used"));
            }
        }
    }

    @Test
    void anAddressOfVersion6() throws Exception {
        try (FakeRegistry upstream = new FakeRegistry(new ServerSocket(0, 64, InetAddress.ofLiteral("::1")));
                TestCache cache = cache("url: 'http://[::1]:" + upstream.port() + "'", ProxyRules.NONE)) {
            pulls(cache, upstream.push("library/app", "v1", 300_000, 1));
            assertThat(upstream.requests().getFirst().header("host")).isEqualTo("[::1]:" + upstream.port());
        }
    }
}
