package dev.larder.operator.registrycache;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsServer;
import dev.larder.operator.nodes.Nodes;
import dev.larder.operator.registrycache.desired.Names;
import dev.larder.operator.tls.JobCertificates;
import dev.larder.operator.tls.JobEndpoint;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.concurrent.atomic.AtomicInteger;

/** A node cache's status for the operator, as far as credentials go, on a port of this machine. */
final class NodeStandIn implements AutoCloseable {

    private final HttpsServer server;
    private final AtomicInteger looks = new AtomicInteger();
    private volatile String credentials = "Unknown";

    NodeStandIn(KubernetesClient client) throws Exception {
        new JobCertificates(client, RunningOperator.NAMESPACE, Clock.systemUTC()).ensure();
        server = JobEndpoint.start(client, RunningOperator.NAMESPACE, this::status);
    }

    /** For {@code spec.ports.jobs}. */
    int port() {
        return server.getAddress().getPort();
    }

    /** Its pod on the node n1. */
    Pod pod() {
        return pod("n1");
    }

    /** The pod of a node cache on this machine that is asked over TLS. */
    static Pod pod(String node) {
        return Nodes.pod(node, true)
                .edit()
                .editMetadata()
                .addToAnnotations(Names.STATUS_BY, Names.STATUS_BY_JOBS)
                .endMetadata()
                .editStatus()
                .withPodIP("127.0.0.1")
                .endStatus()
                .build();
    }

    /** What it says from now on of its one upstream: Valid, Invalid or Unknown. */
    void credentials(String verdict) {
        credentials = verdict;
    }

    /** How often it was asked. */
    int looks() {
        return looks.get();
    }

    private void status(HttpExchange exchange) throws IOException {
        looks.incrementAndGet();
        assertThat(exchange.getRequestURI().getPath()).isEqualTo("/jobs/v1/status");
        byte[] body = """
                {"version": "0.1.0", "resource": "default", "ready": true,
                 "registries": [{"host": "docker.io", "upstreams": [
                   {"url": "https://hub.example.com", "state": "Up", "credentials": "%s"}]}]}
                """.formatted(credentials).getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
