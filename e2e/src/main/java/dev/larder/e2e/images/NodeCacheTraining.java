package dev.larder.e2e.images;

import dev.larder.e2e.process.Ports;
import dev.larder.e2e.toolchain.CacheFolder;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Trains the node cache and the hosts writer by what they do all day: pulls of a manifest and of blobs, cold and warm, through
 * TLS and a token; the admin pages, and the status as the operator asks for it; a hosts.toml written and restored.
 */
final class NodeCacheTraining implements ImageBuilder.Training {
    /** Below /tmp of the image's root: the folder of that name in the image stays empty. */
    private static final String INSIDE = "/tmp/training";

    private static final String HOST = "training.test";
    private static final int WARM_PULLS = 40;

    private final JavaProgram nodeCache;
    private final JavaProgram hostsWriter;

    NodeCacheTraining(JavaProgram nodeCache, JavaProgram hostsWriter) {
        this.nodeCache = nodeCache;
        this.hostsWriter = hostsWriter;
    }

    @Override
    public void train(Path root) throws IOException, InterruptedException {
        Path folder = Files.createDirectories(root.resolve(INSIDE.substring(1)));
        try (TrainingUpstream upstream = new TrainingUpstream(folder);
                HttpClient http = http11();
                HttpClient asOperator = HttpClient.newBuilder()
                        .sslContext(upstream.certificate().context())
                        .build()) {
            int registry = Ports.free();
            int admin = Ports.free();
            int jobs = Ports.free();
            Files.writeString(folder.resolve("config.yaml"), config(upstream, registry, admin, jobs));
            URI adminPages = URI.create("http://127.0.0.1:" + admin);
            Jail jail = Jail.open(root);
            String[] arguments = {"--config", INSIDE + "/config.yaml"};
            try (JailedProgram cache =
                    JailedProgram.start(jail, nodeCache.name(), nodeCache.trainingCommand(arguments))) {
                cache.awaitOk(http, adminPages.resolve("/readyz"));
                pull(http, URI.create("http://127.0.0.1:" + registry), upstream);
                for (String page : List.of("/livez", "/metrics", "/status")) {
                    expect(http, request(adminPages.resolve(page)), 200);
                }
                expect(asOperator, request(URI.create("https://127.0.0.1:" + jobs + "/jobs/v1/status")), 200);
                cache.stop();
            }
            try (JailedProgram cache = JailedProgram.start(jail, nodeCache.name(), nodeCache.command(arguments));
                    JailedProgram writer =
                            JailedProgram.start(jail, hostsWriter.name(), hostsWriter.trainingCommand(arguments))) {
                Path hostsToml = folder.resolve("certs.d").resolve(HOST).resolve("hosts.toml");
                writer.await(HOST + "/hosts.toml is written", () -> Files.exists(hostsToml));
                cache.awaitOk(http, adminPages.resolve("/status"));
                writer.stop();
                cache.stop();
            }
        } finally {
            CacheFolder.delete(folder);
        }
    }

    /** As containerd speaks to a mirror without TLS. */
    private static HttpClient http11() {
        return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    private static String config(TrainingUpstream upstream, int registry, int admin, int jobs) {
        return """
                version: 1
                revision: "training"
                resource: training
                listen:
                  registry: "127.0.0.1:%1$d"
                  admin: "127.0.0.1:%2$d"
                  runDirectory: %3$s/run
                  jobs: {address: "127.0.0.1:%7$d", certFile: %3$s/%6$s, keyFile: %3$s/%8$s, clientCaFile: %3$s/%6$s,
                    clientName: 127.0.0.1}
                storage: {path: %3$s/storage, size: 1Gi, minFree: 1Mi}
                timeouts: {connect: 60s, firstByteCold: 60s}
                registries:
                - host: %4$s
                  upstreams: [{url: "%5$s", caFile: %3$s/%6$s}]
                  tags: [{pattern: "*", freshFor: 1h}]
                containerd: {manage: true, configPath: %3$s/certs.d, hostRoot: ""}
                """.formatted(
                        registry,
                        admin,
                        INSIDE,
                        HOST,
                        upstream.url(),
                        upstream.certificate().pem().getFileName(),
                        jobs,
                        upstream.certificate().key().getFileName());
    }

    private static void pull(HttpClient http, URI registry, TrainingUpstream upstream)
            throws IOException, InterruptedException {
        String repository = "/v2/" + TrainingUpstream.REPOSITORY;
        String ns = "?ns=" + HOST;
        expect(http, request(registry.resolve("/v2/")), 200);
        for (int i = 0; i < WARM_PULLS; i++) {
            URI byTag = registry.resolve(repository + "/manifests/" + TrainingUpstream.TAG + ns);
            expect(http, head(byTag), 200);
            expect(http, request(byTag), 200);
            for (String digest : List.of(upstream.configDigest(), upstream.layerDigest())) {
                expect(http, request(registry.resolve(repository + "/blobs/" + digest + ns)), 200);
            }
        }
        URI layer = registry.resolve(repository + "/blobs/" + upstream.layerDigest() + ns);
        expect(
                http,
                HttpRequest.newBuilder(layer).header("Range", "bytes=1000-").build(),
                206);
        expect(http, request(registry.resolve(repository + "/manifests/missing" + ns)), 404);
        expect(http, request(registry.resolve(repository + "/manifests/1?ns=unknown.test")), 404);
        expect(http, request(registry.resolve(repository + "/tags/list" + ns)), 200);
    }

    private static HttpRequest request(URI address) {
        return HttpRequest.newBuilder(address).timeout(Duration.ofSeconds(30)).build();
    }

    private static HttpRequest head(URI address) {
        return HttpRequest.newBuilder(address)
                .timeout(Duration.ofSeconds(30))
                .HEAD()
                .build();
    }

    private static void expect(HttpClient http, HttpRequest request, int status)
            throws IOException, InterruptedException {
        int answered =
                http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        if (answered != status) {
            throw new ImageBuildException("In training, " + request.method() + " " + request.uri() + " answered "
                    + answered + " instead of " + status + ".");
        }
    }
}
