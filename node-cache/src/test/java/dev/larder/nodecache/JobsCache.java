package dev.larder.nodecache;

import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.SelfSigned;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A node cache that listens for the operator, and the operator's side of that. */
final class JobsCache implements AutoCloseable {

    static final String OPERATOR = "larder-operator";

    final TestCache cache;
    final SelfSigned server;
    final SelfSigned operator;
    /** Of a node cache: signed by the same issuer as the operator's. */
    final SelfSigned another;

    private final Path files;

    JobsCache(Path folder, FakeRegistry upstream) throws Exception {
        server = SelfSigned.make(folder, "server");
        operator = SelfSigned.make(folder, "operator", "dns:" + OPERATOR);
        another = SelfSigned.make(folder, "another", "dns:larder-node-cache");
        files = folder.resolve("jobs");
        String jobs =
                ", jobs: {address: \"127.0.0.1:0\", certFile: %1$s/tls.crt, keyFile: %1$s/tls.key, clientCaFile: %1$s/ca.crt, clientName: %2$s}}"
                        .formatted(files, OPERATOR);
        cache = new TestCache(
                folder,
                TestCache.yaml(folder, "", "", upstream)
                        // As in a cluster: for Prometheus, the kubelet and whoever else comes.
                        .replace("admin: \"127.0.0.1:0\"", "admin: \"0.0.0.0:0\"")
                        .replaceFirst("(listen: .*)}", "$1" + Matcher.quoteReplacement(jobs)));
    }

    /** What the operator mounts; the listener is there when this returns. */
    void giveCertificates() throws IOException {
        Files.createDirectories(files);
        show(server);
        Files.writeString(files.resolve("ca.crt"), operator.certificatePem() + another.certificatePem());
        await().atMost(Duration.ofSeconds(20)).until(() -> port() > 0);
    }

    /** Replaces what the listener shows. */
    void show(SelfSigned next) throws IOException {
        Files.writeString(files.resolve("tls.key"), next.keyPem());
        Files.writeString(files.resolve("tls.crt"), next.certificatePem());
    }

    /** What no PEM reader takes. */
    void giveNonsense() throws IOException {
        Files.createDirectories(files);
        for (String name : List.of("tls.key", "tls.crt", "ca.crt")) {
            Files.writeString(files.resolve(name), "nonsense");
        }
    }

    /** -1 when there is none. */
    int port() {
        return cache.cache().mirroring().jobsPort();
    }

    static HttpClient client(SelfSigned server, SelfSigned own) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("a", own.key(), new char[0], new X509Certificate[] {own.certificate()});
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("server", server.certificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return HttpClient.newBuilder()
                .sslContext(context)
                .connectTimeout(Duration.ofSeconds(5))
                .build();
    }

    HttpResponse<String> ask(HttpClient client, String path) throws IOException, InterruptedException {
        return send(client, request(path).GET());
    }

    HttpResponse<String> post(HttpClient client, String path, String json) throws IOException, InterruptedException {
        return send(client, request(path).POST(HttpRequest.BodyPublishers.ofString(json)));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("https://localhost:" + port() + path))
                .timeout(Duration.ofSeconds(30));
    }

    private static HttpResponse<String> send(HttpClient client, HttpRequest.Builder request)
            throws IOException, InterruptedException {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() {
        cache.close();
    }
}
