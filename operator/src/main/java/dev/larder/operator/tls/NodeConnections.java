package dev.larder.operator.tls;

import dev.larder.operator.registrycache.desired.Names;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** HTTP clients that show the operator's certificate; a new one when that is renewed. Thread-safe. */
public final class NodeConnections implements Supplier<HttpClient> {

    private static final Duration CONNECT = Duration.ofSeconds(2);

    private final Supplier<JobCertificates.Material> certificates;
    private final Executor threads;

    /** Guarded by this. */
    private @Nullable Client client;

    private record Client(JobCertificates.Material material, HttpClient http) {}

    public NodeConnections(Supplier<JobCertificates.Material> certificates, Executor threads) {
        this.certificates = certificates;
        this.threads = threads;
    }

    @Override
    public synchronized HttpClient get() {
        JobCertificates.Material material = certificates.get();
        Client present = client;
        if (present == null || !present.material().equals(material)) {
            present = new Client(
                    material,
                    HttpClient.newBuilder()
                            .version(HttpClient.Version.HTTP_1_1)
                            .connectTimeout(CONNECT)
                            .followRedirects(HttpClient.Redirect.NEVER)
                            .proxy(HttpClient.Builder.NO_PROXY)
                            .sslContext(NodeCacheTrust.context(material, Names.JOBS_SERVER))
                            .executor(threads)
                            .build());
            client = present;
        }
        return present.http();
    }
}
