package dev.larder.operator.nodes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.larder.operator.tls.JobCertificates;
import dev.larder.operator.tls.JobEndpoint;
import dev.larder.operator.tls.NodeConnections;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@EnableKubernetesMockClient(crud = true)
class NodeCacheClientTest {

    private static final String NAMESPACE = "larder-system";

    @SuppressWarnings("NullAway.Init") // set by the extension
    KubernetesClient kubernetes;

    private final List<HttpServer> servers = new ArrayList<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
    private final CountDownLatch end = new CountDownLatch(1);
    /** Of the operator, kept in the cluster. */
    private final Supplier<HttpClient> connections = new Supplier<>() {
        private @Nullable NodeConnections made;

        @Override
        public HttpClient get() {
            if (made == null) {
                made = new NodeConnections(certificates(NAMESPACE)::ensure, threads);
            }
            return made.get();
        }
    };

    @AfterEach
    void stop() {
        end.countDown();
        servers.forEach(server -> server.stop(0));
        http.shutdownNow();
        threads.shutdownNow();
    }

    @Test
    void status_isReadAsTheContractHasIt() throws Exception {
        String status = """
                {"version": "0.1.0", "node": "n1", "resource": "default", "ready": true, "startedAt": "2026-11-22T05:00:00Z",
                 "config": {"revision": "r1", "loadedAt": "2026-11-22T05:00:00Z", "problems": ["registries[0].host: odd"]},
                 "storage": {"path": "/var/lib/larder", "sizeBytes": 1, "usedBytes": 1, "freeBytes": 1, "minFreeBytes": 1,
                   "blobs": 1, "writable": true, "message": ""},
                 "registries": [{"host": "docker.io", "requests": 10, "hits": 7, "bytesServed": 1, "bytesUpstream": 1,
                   "rateLimitRemaining": null,
                   "upstreams": [{"url": "https://x", "state": "Up", "credentials": "Valid", "lastError": "",
                     "lastChecked": "2026-11-22T05:00:00Z"}]}],
                 "hostsWriter": {"updatedAt": "2026-11-22T05:00:00Z", "manage": true, "revision": "r1", "cacheAnswers": true,
                   "message": "",
                   "configPath": {"raw": "/a", "source": "/b", "used": "/a", "localPullForced": true, "configVersion": 3,
                     "mirrorsSection": false},
                   "registries": [{"host": "docker.io", "state": "Present", "foreign": false, "message": ""}],
                   "restored": false, "kills": 0}}
                """;
        NodeReport report = said(ask(Duration.ofSeconds(5), exchange -> reply(exchange, 200, status)));
        assertThat(report.config().revision()).isEqualTo("r1");
        assertThat(report.config().problems()).containsExactly("registries[0].host: odd");
        assertThat(report.registries().getFirst().hits()).isEqualTo(7);
        assertThat(report.registries().getFirst().upstreams().getFirst().credentials())
                .isEqualTo("Valid");
        assertThat(report.hostsWriter()).isNotNull().satisfies(writer -> {
            assertThat(writer.configPath()).isNotNull().satisfies(facts -> assertThat(facts.localPullForced())
                    .isTrue());
            assertThat(writer.registries())
                    .extracting(NodeReport.HostsEntry::state)
                    .containsExactly("Present");
        });
    }

    @Test
    void emptyAnswer_hasNoHoles() throws Exception {
        NodeReport report = said(ask(Duration.ofSeconds(5), exchange -> reply(exchange, 200, "{}")));
        assertThat(report.config().revision()).isEmpty();
        assertThat(report.registries()).isEmpty();
        assertThat(report.hostsWriter()).isNull();
    }

    @Test
    void errorsAndNonsense_areSilence() throws Exception {
        assertThat(ask(Duration.ofSeconds(5), exchange -> reply(exchange, 503, "")))
                .isInstanceOfSatisfying(NodeAnswer.Silent.class, silent -> assertThat(silent.why())
                        .contains("503"));
        assertThat(ask(Duration.ofSeconds(5), exchange -> reply(exchange, 200, "<html>")))
                .isInstanceOfSatisfying(NodeAnswer.Silent.class, silent -> assertThat(silent.why())
                        .contains("does not answer as a node cache"));
    }

    @Test
    @Timeout(90)
    void hangingNode_doesNotHoldUpTheOthers() throws Exception {
        int good = serve(exchange -> reply(exchange, 200, "{}"));
        int hung = serve(exchange -> awaitEnd());
        Map<String, NodeCacheClient.Address> nodes = Map.of("good", address(good), "hung", address(hung));
        NodeCacheClient client = client(Duration.ofSeconds(3));
        // Whoever is late on a busy machine is heard at the next look.
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            Map<String, NodeAnswer> answers = client.askAll(nodes);
            assertThat(answers.get("good")).isInstanceOf(NodeAnswer.Said.class);
            assertThat(answers.get("hung")).isInstanceOf(NodeAnswer.Silent.class);
        });
    }

    @Test
    @Timeout(90)
    void nodeThatIsLateOnce_isNotSilent() throws Exception {
        Semaphore hangs = new Semaphore(0);
        NodeCacheClient.Address late = address(serve(exchange -> {
            if (hangs.tryAcquire()) {
                awaitEnd();
            } else {
                reply(exchange, 200, "{}");
            }
        }));
        NodeCacheClient client = client(Duration.ofSeconds(20));
        said(client, late);
        hangs.release();
        said(client, late);
        assertThat(hangs.availablePermits()).isZero();
    }

    private static void said(NodeCacheClient client, NodeCacheClient.Address address) throws InterruptedException {
        said(Objects.requireNonNull(client.askAll(Map.of("n1", address)).get("n1")));
    }

    @Test
    @Timeout(90)
    void manyThatAreGone_holdUpTheOthersOnlyUntilThatIsKnown() throws Exception {
        int good = serve(exchange -> reply(exchange, 200, "{}"));
        Map<String, NodeCacheClient.Address> nodes = new HashMap<>();
        try (Hung hung = new Hung(200)) {
            hung.ports().forEach(port -> nodes.put("gone" + port, address(port)));
            for (int i = 0; i < 40; i++) {
                nodes.put("good" + i, address(good));
            }
            NodeCacheClient client = client(Duration.ofSeconds(3));
            // Whoever is late on a busy machine is heard at the next look.
            await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
                Map<String, NodeAnswer> answers = client.askAll(nodes);
                assertThat(answers).hasSize(240);
                answers.forEach((name, answer) -> assertThat(answer)
                        .as(name)
                        .isInstanceOf(name.startsWith("good") ? NodeAnswer.Said.class : NodeAnswer.Silent.class));
            });
        }
    }

    /** Where connections come to, and nothing more. */
    private record Hung(List<ServerSocket> sockets) implements AutoCloseable {
        Hung(int count) throws IOException {
            this(new ArrayList<>());
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
        }

        List<Integer> ports() {
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        }

        @Override
        public void close() throws IOException {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }

    @Test
    void manyNodes_areAskedBoundedlyInParallel() throws Exception {
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        int port = serve(exchange -> {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            try {
                reply(exchange, 200, "{}");
            } finally {
                now.decrementAndGet();
            }
        });
        Map<String, NodeCacheClient.Address> nodes = new HashMap<>();
        for (int i = 0; i < 300; i++) {
            nodes.put("n" + i, address(port));
        }
        Map<String, NodeAnswer> answers = client(Duration.ofSeconds(20)).askAll(nodes);
        assertThat(answers.values()).hasSize(300).allMatch(NodeAnswer.Said.class::isInstance);
        assertThat(most.get()).isLessThanOrEqualTo(64);
    }

    @Test
    void status_isReadOverTls_fromWhoHasTheNodeCachesCertificate() throws Exception {
        certificates(NAMESPACE).ensure();
        int port = serveTls(NAMESPACE, exchange -> {
            assertThat(exchange.getRequestURI().getPath()).isEqualTo("/jobs/v1/status");
            reply(exchange, 200, "{\"version\": \"1.2.3\"}");
        });
        assertThat(said(ask(new NodeCacheClient.Address("127.0.0.1", port, true)))
                        .version())
                .isEqualTo("1.2.3");
    }

    @Test
    void whoPlaysANodeCache_isNotBelieved() throws Exception {
        certificates("elsewhere").ensure();
        AtomicInteger asked = new AtomicInteger();
        int port = serveTls("elsewhere", exchange -> {
            asked.incrementAndGet();
            reply(exchange, 200, "{}");
        });
        assertThat(ask(new NodeCacheClient.Address("127.0.0.1", port, true)))
                .isInstanceOfSatisfying(NodeAnswer.Silent.class, silent -> assertThat(silent.why())
                        .startsWith("https://127.0.0.1:" + port + "/jobs/v1/status: "));
        assertThat(asked).hasValue(0);
        int plain = serve(exchange -> {
            asked.incrementAndGet();
            reply(exchange, 200, "{}");
        });
        assertThat(ask(new NodeCacheClient.Address("127.0.0.1", plain, true)))
                .as("one that has no certificate is not asked again without")
                .isInstanceOf(NodeAnswer.Silent.class);
        assertThat(asked).hasValue(0);
    }

    @Test
    void withoutCertificates_eachNodeSaysWhy_andThoseFromBeforeAreStillAsked() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        NodeCacheClient client = new NodeCacheClient(
                () -> {
                    tries.incrementAndGet();
                    throw new CertificatesMissing("no rights", new IllegalStateException("403"));
                },
                http,
                threads,
                Duration.ofSeconds(5));
        Map<String, NodeAnswer> answers = client.askAll(Map.of(
                "old", address(serve(exchange -> reply(exchange, 200, "{}"))),
                "new1", new NodeCacheClient.Address("127.0.0.1", 1, true),
                "new2", new NodeCacheClient.Address("127.0.0.1", 1, true)));
        assertThat(answers.get("old")).isInstanceOf(NodeAnswer.Said.class);
        assertThat(answers.get("new1"))
                .isEqualTo(new NodeAnswer.Silent("https://127.0.0.1:1/jobs/v1/status: no rights"))
                .isEqualTo(answers.get("new2"));
        assertThat(tries).hasValue(1);
    }

    private JobCertificates certificates(String namespace) {
        return new JobCertificates(kubernetes, namespace, Clock.systemUTC());
    }

    private int serveTls(String namespace, HttpHandler handler) throws Exception {
        HttpServer server = JobEndpoint.start(kubernetes, namespace, handler);
        servers.add(server);
        return server.getAddress().getPort();
    }

    private NodeAnswer ask(NodeCacheClient.Address node) throws InterruptedException {
        return Objects.requireNonNull(
                client(Duration.ofSeconds(5)).askAll(Map.of("n1", node)).get("n1"));
    }

    private NodeAnswer ask(Duration deadline, HttpHandler handler) throws Exception {
        return Objects.requireNonNull(
                client(deadline).askAll(Map.of("n1", address(serve(handler)))).get("n1"));
    }

    private static NodeReport said(NodeAnswer answer) {
        assertThat(answer).isInstanceOf(NodeAnswer.Said.class);
        return ((NodeAnswer.Said) answer).report();
    }

    private NodeCacheClient client(Duration deadline) {
        return new NodeCacheClient(connections, http, threads, deadline);
    }

    private static NodeCacheClient.Address address(int port) {
        return new NodeCacheClient.Address("127.0.0.1", port, false);
    }

    private int serve(HttpHandler handler) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
        server.setExecutor(threads);
        server.createContext("/status", handler);
        server.start();
        servers.add(server);
        return server.getAddress().getPort();
    }

    private static void reply(com.sun.net.httpserver.HttpExchange exchange, int status, String body)
            throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private void awaitEnd() {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
