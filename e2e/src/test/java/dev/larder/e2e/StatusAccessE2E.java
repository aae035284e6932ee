package dev.larder.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.e2e.cluster.Edits;
import dev.larder.e2e.install.JobsSecret;
import dev.larder.e2e.install.Larder;
import dev.larder.e2e.install.NodeCache;
import dev.larder.e2e.process.Await;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;

/** The status of a node cache is for the operator and for who is on the node, with real certificates on a real cluster. */
class StatusAccessE2E {
    private static final String STATUS = "/jobs/v1/status";
    private static final Duration SOON = Duration.ofMinutes(3);
    private final Stage stage = Stage.shared();
    private final Larder larder = stage.larder();
    private final NodeCache cache = larder.nodeCache(Stage.RESOURCE, "node1");

    @Test
    void network_getsMetrics_andTheWayToTheStatus() {
        HttpResponse<String> refused = cache.ask("/status");
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body())
                .contains("kubectl -n NAMESPACE port-forward POD 5152")
                .doesNotContain("docker.io");
        assertThat(cache.ask("/metrics").statusCode()).isEqualTo(200);
        HttpResponse<String> forwarded = cache.askByPortForward("/status");
        assertThat(forwarded.statusCode()).isEqualTo(200);
        assertThat(forwarded.body()).contains("\"host\" : \"docker.io\"");
    }

    @Test
    void operatorsCertificate_opensTheStatus_andNoOther() throws Exception {
        assertThat(cache.askAsOperator(JobsSecret.OPERATOR.context(client()), STATUS))
                .startsWith("HTTP/1.1 200 ")
                .contains("\"host\":\"docker.io\"");
        // A node cache's own is for servers only.
        assertThatThrownBy(() -> cache.askAsOperator(JobsSecret.NODE_CACHE.context(client()), STATUS))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> cache.askAsOperator(nobody(), STATUS)).isInstanceOf(IOException.class);
    }

    @Test
    void newAuthority_reachesTheNodes_andNoneIsCalledFailing() throws Exception {
        String before = authority();
        List<String> failures = saidFailing();
        Edits.edit(
                client().secrets().inNamespace(Larder.NAMESPACE).withName(JobsSecret.OPERATOR.secretName()),
                (Secret secret) -> {
                    secret.setData(Map.of("ca.crt", "bm9uc2Vuc2U="));
                    return secret;
                });
        Await.until(
                "a new authority",
                SOON,
                () -> !authority().isEmpty() && !authority().equals(before));
        Await.until("the node cache taking the new operator's certificate", SOON, this::opens);
        larder.awaitReady(Stage.RESOURCE);
        assertThat(saidFailing()).isEqualTo(failures);
    }

    private boolean opens() {
        try {
            return cache.askAsOperator(JobsSecret.OPERATOR.context(client()), STATUS)
                    .startsWith("HTTP/1.1 200 ");
        } catch (IOException e) {
            return false; // it has the certificates of before
        }
    }

    /** Each time that the operator has called a node failing. */
    private List<String> saidFailing() {
        return client().events().v1().events().inNamespace("default").list().getItems().stream()
                .filter(event -> event.getReason().equals("DegradedNodesFailing") && !OnlyLate.says(event))
                .map(event -> event.getMetadata().getName() + " "
                        + (event.getSeries() == null ? 1 : event.getSeries().getCount()))
                .sorted()
                .toList();
    }

    /** What the node caches are given. */
    private String authority() {
        Secret secret = client().secrets()
                .inNamespace(Larder.NAMESPACE)
                .withName(JobsSecret.NODE_CACHE.secretName())
                .require();
        return Objects.requireNonNullElse(secret.getData(), Map.<String, String>of())
                .getOrDefault("ca.crt", "");
    }

    private KubernetesClient client() {
        return stage.cluster().client();
    }

    /** Shows nothing, and takes whoever answers. */
    private static SSLContext nobody() throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                null,
                new TrustManager[] {
                    new X509TrustManager() {
                        @Override
                        public void checkClientTrusted(java.security.cert.X509Certificate[] chain, String type) {}

                        @Override
                        public void checkServerTrusted(java.security.cert.X509Certificate[] chain, String type) {}

                        @Override
                        public java.security.cert.X509Certificate[] getAcceptedIssuers() {
                            return new java.security.cert.X509Certificate[0];
                        }
                    }
                },
                null);
        return context;
    }
}
