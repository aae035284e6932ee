package dev.larder.operator.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsServer;
import dev.larder.operator.cloud.SettableClock;
import dev.larder.operator.nodes.CertificatesMissing;
import dev.larder.operator.registrycache.desired.Names;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;

/** The certificates, in real connections and in their Secrets. */
@EnableKubernetesMockClient(crud = true)
class CertificateAuthorityTest {

    private final Instant now = Instant.now();

    @SuppressWarnings("NullAway.Init") // set by the extension
    KubernetesClient client;

    @SuppressWarnings("NullAway.Init")
    KubernetesMockServer server;

    private static SSLContext server(Identity identity, X509Certificate authority) throws Exception {
        return JobEndpoint.context(identity, authority);
    }

    private static int ask(SSLContext server, JobCertificates.Material material) throws Exception {
        HttpsServer listening = JobEndpoint.start(server, exchange -> {
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        try (HttpClient http = new NodeConnections(() -> material, Runnable::run).get()) {
            URI uri = URI.create("https://127.0.0.1:" + listening.getAddress().getPort());
            return http.send(
                            HttpRequest.newBuilder(uri)
                                    .timeout(Duration.ofSeconds(5))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } finally {
            listening.stop(0);
        }
    }

    @Test
    void bothSides_knowEachOther_andNobodyElse() throws Exception {
        CertificateAuthority authority = CertificateAuthority.make(now);
        X509Certificate root = authority.own().certificate();
        Identity node = authority.leaf(Names.JOBS_SERVER, CertificateAuthority.Side.SERVER, now);
        Identity operator = authority.leaf(Names.JOBS_CLIENT, CertificateAuthority.Side.CLIENT, now);
        assertThat(ask(server(node, root), new JobCertificates.Material(operator, root, now)))
                .isEqualTo(204);

        JobCertificates.Material asNode = new JobCertificates.Material(node, root, now);
        assertThatThrownBy(() -> ask(server(node, root), asNode)).isInstanceOf(IOException.class);

        Identity misnamed = authority.leaf("elsewhere", CertificateAuthority.Side.SERVER, now);
        assertThatThrownBy(() -> ask(server(misnamed, root), new JobCertificates.Material(operator, root, now)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not for " + Names.JOBS_SERVER);

        Identity stranger =
                CertificateAuthority.make(now).leaf(Names.JOBS_SERVER, CertificateAuthority.Side.SERVER, now);
        assertThatThrownBy(() -> ask(server(stranger, root), new JobCertificates.Material(operator, root, now)))
                .isInstanceOf(IOException.class);
    }

    private JobCertificates.Material ensure(Instant now) {
        return new JobCertificates(client, "larder-system", Clock.fixed(now, ZoneOffset.UTC)).ensure();
    }

    private String secret(String name, String key) {
        Secret secret =
                client.secrets().inNamespace("larder-system").withName(name).get();
        return new String(
                Base64.getDecoder().decode(secret.getData().get(key)), java.nio.charset.StandardCharsets.UTF_8);
    }

    @Test
    void secrets_areMadeOnce_renewedAhead_andMendedWhenDamaged() {
        JobCertificates.Material first = ensure(now);
        assertThat(secret(Names.JOBS_SECRET, "tls.key")).contains("PRIVATE KEY");
        assertThat(client.secrets()
                        .inNamespace("larder-system")
                        .withName(Names.JOBS_SECRET)
                        .get()
                        .getData())
                .as("the authority's key is no node's business")
                .containsOnlyKeys("ca.crt", "tls.crt", "tls.key");
        assertThat(ensure(now.plus(Duration.ofDays(50)))).isEqualTo(first);

        String node = secret(Names.JOBS_SECRET, "tls.crt");
        JobCertificates.Material renewed = ensure(now.plus(Duration.ofDays(61)));
        assertThat(renewed.authority()).isEqualTo(first.authority());
        assertThat(renewed.own()).isNotEqualTo(first.own());
        assertThat(secret(Names.JOBS_SECRET, "tls.crt")).isNotEqualTo(node);

        client.secrets()
                .inNamespace("larder-system")
                .withName(Names.JOBS_SECRET)
                .edit(old -> {
                    old.setData(Map.of("tls.crt", "bm9uc2Vuc2U="));
                    return old;
                });
        ensure(now.plus(Duration.ofDays(61)));
        assertThat(secret(Names.JOBS_SECRET, "tls.crt")).contains("BEGIN CERTIFICATE");

        JobCertificates.Material another = ensure(now.plus(Duration.ofDays(3400)));
        assertThat(another.authority()).isNotEqualTo(first.authority());
        assertThat(secret(Names.JOBS_SECRET, "ca.crt")).isEqualTo(secret("larder-jobs-operator", "ca.crt"));
    }

    @Test
    void nodesSince_isWhenTheNodeCachesCertificateWasMade_alsoForTheNextOperator() {
        Instant second = Instant.ofEpochSecond(now.getEpochSecond());
        assertThat(ensure(second).nodesSince()).isEqualTo(second);
        assertThat(ensure(second.plus(Duration.ofDays(3))).nodesSince()).isEqualTo(second);
        Instant renewal = second.plus(Duration.ofDays(61));
        assertThat(ensure(renewal).nodesSince()).isEqualTo(renewal);
    }

    @Test
    void chartsEmptySecrets_areFilled_andKeepWhatTheChartPutOn() {
        for (String name : List.of(JobCertificates.OPERATOR_SECRET, Names.JOBS_SECRET)) {
            client.resource(new SecretBuilder()
                            .withNewMetadata()
                            .withName(name)
                            .withNamespace("larder-system")
                            .addToLabels("app.kubernetes.io/managed-by", "Helm")
                            .endMetadata()
                            .build())
                    .create();
        }
        ensure(now);
        assertThat(secret(Names.JOBS_SECRET, "tls.key")).contains("PRIVATE KEY");
        assertThat(find(Names.JOBS_SECRET).getMetadata().getLabels())
                .containsEntry("app.kubernetes.io/managed-by", "Helm");
    }

    @Test
    void keyOfAnother_orCertificateForAnother_isNonsense() {
        JobCertificates.Material first = ensure(now);
        String key = secret(Names.JOBS_SECRET, "tls.key");
        Map<String, String> operators =
                new HashMap<>(find(JobCertificates.OPERATOR_SECRET).getData());
        put(Names.JOBS_SECRET, Map.of("tls.key", operators.get("tls.key")));
        assertThat(ensure(now)).isEqualTo(first);
        assertThat(secret(Names.JOBS_SECRET, "tls.key"))
                .isNotEqualTo(key)
                .isNotEqualTo(secret(JobCertificates.OPERATOR_SECRET, "tls.key"));

        operators.remove("ca.key");
        put(Names.JOBS_SECRET, operators);
        ensure(now);
        assertThat(secret(Names.JOBS_SECRET, "tls.crt"))
                .as("the operator's own is not the node caches'")
                .isNotEqualTo(secret(JobCertificates.OPERATOR_SECRET, "tls.crt"));
    }

    @Test
    void secretThatGoesWhileTheOperatorRuns_isMadeAgainOnceNoUninstallCanBeWhy() {
        SettableClock clock = new SettableClock();
        JobCertificates running = new JobCertificates(client, "larder-system", clock);
        JobCertificates.Material first = running.ensure();
        client.secrets()
                .inNamespace("larder-system")
                .withName(JobCertificates.OPERATOR_SECRET)
                .delete();
        client.secrets()
                .inNamespace("larder-system")
                .withName(Names.JOBS_SECRET)
                .delete();
        clock.advance(Duration.ofSeconds(31));
        assertThat(running.ensure()).as("what is known goes on being used").isEqualTo(first);
        clock.advance(Duration.ofSeconds(31));
        assertThat(running.ensure()).isEqualTo(first);
        assertThat(client.secrets().inNamespace("larder-system").list().getItems())
                .as("an operator that ends makes nothing that would stay")
                .isEmpty();
        clock.advance(Duration.ofSeconds(31));
        JobCertificates.Material anew = running.ensure();
        assertThat(anew.authority()).isNotEqualTo(first.authority());
        assertThat(secret(Names.JOBS_SECRET, "ca.crt")).isEqualTo(secret(JobCertificates.OPERATOR_SECRET, "ca.crt"));
    }

    @Test
    void apiServerThatGivesNoSecrets_isNamedWithTheRemedy() {
        server.expect()
                .get()
                .withPath("/api/v1/namespaces/larder-system/secrets/" + JobCertificates.OPERATOR_SECRET)
                .andReturn(
                        403,
                        new StatusBuilder()
                                .withCode(403)
                                .withMessage("secrets is forbidden")
                                .build())
                .always();
        assertThatThrownBy(() -> ensure(now))
                .isInstanceOf(CertificatesMissing.class)
                .hasMessageContaining("larder-jobs-operator")
                .hasMessageContaining("secrets is forbidden")
                .hasMessageContaining("let the operator get, create and patch Secrets");
    }

    @Test
    void apiServerThatGoesAway_costsNothingThatIsKnown() {
        SettableClock clock = new SettableClock();
        JobCertificates running = new JobCertificates(client, "larder-system", clock);
        JobCertificates.Material first = running.ensure();
        server.expect()
                .get()
                .withPath("/api/v1/namespaces/larder-system/secrets/" + JobCertificates.OPERATOR_SECRET)
                .andReturn(
                        500,
                        new StatusBuilder().withCode(500).withMessage("away").build())
                .always();
        clock.advance(Duration.ofHours(1));
        assertThat(running.ensure()).isEqualTo(first);
    }

    private Secret find(String name) {
        return client.secrets().inNamespace("larder-system").withName(name).require();
    }

    private void put(String name, Map<String, String> data) {
        client.secrets().inNamespace("larder-system").withName(name).edit(old -> {
            Map<String, String> all = new HashMap<>(old.getData());
            all.putAll(data);
            old.setData(all);
            return old;
        });
    }
}
