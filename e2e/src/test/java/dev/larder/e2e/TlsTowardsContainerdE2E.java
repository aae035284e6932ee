package dev.larder.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.e2e.cluster.NativeCluster.TlsFiles;
import dev.larder.e2e.cluster.NativeNode;
import dev.larder.e2e.install.Larder;
import dev.larder.e2e.install.NodeCache;
import dev.larder.e2e.process.Await;
import dev.larder.e2e.process.Component;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * {@code spec.containerd.tlsSecretRef}: containerd reaches the cache over TLS, and whoever takes the cache's port while it is
 * away is not talked to.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TlsTowardsContainerdE2E {
    private static final String NODE = "node1";
    private static final long SIZE = 5_000_000;
    private static final Duration GRACE = Duration.ofSeconds(5);
    private final Stage stage = Stage.shared();
    private final NativeNode node = stage.cluster().node(NODE);

    @BeforeAll
    void listenWithTls() throws IOException {
        Larder larder = stage.larder();
        TlsFiles listener = stage.cluster().serverCertificate("listener", "IP:127.0.0.1");
        stage.cluster()
                .client()
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("listener")
                        .withNamespace(Larder.NAMESPACE)
                        .endMetadata()
                        .addToStringData("tls.crt", Files.readString(listener.certificate()))
                        .addToStringData("tls.key", Files.readString(listener.key()))
                        .addToStringData("ca.crt", Files.readString(listener.authority()))
                        .build())
                .serverSideApply();
        larder.apply(stage.spec("/var/lib/larder")
                .replace("  storage:", "  containerd: {tlsSecretRef: {name: listener}}\n  storage:"));
        Await.until("containerd's entry with TLS", Duration.ofMinutes(3), () -> entry().contains(
                        "[host.\"https://127.0.0.1:5151\"]"));
        larder.awaitReady(Stage.RESOURCE);
    }

    @AfterAll
    void usual() {
        stage.larder();
        Await.until("containerd's entry as usual", Duration.ofMinutes(3), () -> entry().contains(
                        "[host.\"http://127.0.0.1:5151\"]"));
    }

    private String entry() {
        Path file = node.containerdConfiguration().resolve("certs.d/docker.io/hosts.toml");
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            // Withdrawn between the two calls.
            return "";
        }
    }

    @Test
    void pullsGoThroughTheCache_coldAndWarm() {
        String image = stage.newImage(SIZE);
        stage.upstream().takeTraffic();
        stage.puller().pull(image, NODE);
        assertThat(stage.upstream().takeTraffic().of(image).direct().requests()).isEmpty();
        stage.puller().pullAfresh(image, NODE);
        assertThat(stage.upstream().takeTraffic().of(image).requests()).isEmpty();
    }

    @Test
    void whoTakesThePortWhileTheCacheIsAway_isAskedNothing() {
        NodeCache cache = stage.cacheOf(NODE);
        Component impostor = impostor();
        // So that the entry stays: without it, nobody would come to the port anyway.
        cache.signal(NodeCache.WRITER, "SIGSTOP");
        try {
            cache.killUntilItStaysDown();
            impostor.start();
            Await.until("the impostor's ear", GRACE, () -> impostor.logTail().contains("ACCEPT"), impostor::logTail);
            String image = stage.newImage(SIZE);
            stage.upstream().takeTraffic();
            stage.puller().pull(image, NODE);
            assertThat(entry()).contains("https://127.0.0.1:5151");
            assertThat(stage.upstream().takeTraffic().of(image).direct().blobs().bytes())
                    .isGreaterThan(SIZE);
            assertThat(impostor.log()).content().contains("Alert").doesNotContain("ApplicationData");
        } finally {
            impostor.stop(GRACE);
            cache.signal(NodeCache.WRITER, "SIGCONT");
        }
        cache.awaitReady();
    }

    /** It has a certificate for the address, of an authority that nobody here knows, and tells all that it is asked. */
    private Component impostor() {
        String openssl = stage.cluster().tools().system().resolve("openssl").toString();
        Path key = stage.cluster().folder().resolve("impostor.key");
        Path certificate = stage.cluster().folder().resolve("impostor.crt");
        node.command((openssl + " req -x509 -nodes -newkey rsa:2048 -days 1 -subj /CN=impostor"
                                + " -addext subjectAltName=IP:127.0.0.1 -keyout " + key + " -out " + certificate)
                        .split(" ", -1))
                .run();
        return node.component(
                "impostor",
                List.of(
                        openssl,
                        "s_server",
                        // The version whose alerts can be read, and no ear for the standard input, which has ended.
                        "-tls1_2",
                        "-www",
                        "-msg",
                        "-accept",
                        "127.0.0.1:5151",
                        "-key",
                        key.toString(),
                        "-cert",
                        certificate.toString()));
    }
}
