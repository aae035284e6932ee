package dev.larder.nodecache;

import dev.larder.nodecache.config.ConfigReader;
import dev.larder.nodecache.config.ConfigResult;
import dev.larder.nodecache.config.NodeCacheConfig;
import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.upstream.ProxyRules;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Collectors;

/** A whole node cache in this process, and a client for it. */
final class TestCache implements AutoCloseable {

    static final String HOST = "registry.test";
    static final String ACCEPT =
            "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, */*";

    private final Path folder;
    private final Clock clock;
    private final ProxyRules proxies;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private NodeCache cache;
    private String yaml = "";

    /** Its storage and run directory are below {@code folder}, so that another one can take over. */
    TestCache(Path folder, String yaml) {
        this(folder, yaml, Clock.systemUTC());
    }

    TestCache(Path folder, String yaml, Clock clock) {
        this(folder, yaml, clock, ProxyRules.NONE);
    }

    TestCache(Path folder, String yaml, Clock clock, ProxyRules proxies) {
        this.folder = folder;
        this.clock = clock;
        this.proxies = proxies;
        this.cache = start(yaml);
    }

    static TestCache of(Path folder, FakeRegistry... upstreams) {
        return new TestCache(folder, yaml(folder, "", "", upstreams));
    }

    /** A config of one registry. */
    static String yaml(Path folder, String top, String perRegistry, FakeRegistry... upstreams) {
        String urls = Arrays.stream(upstreams)
                .map(upstream -> "{url: \"" + upstream.url() + "\"}")
                .collect(Collectors.joining(", "));
        return """
                version: 1
                listen: {registry: "127.0.0.1:0", admin: "127.0.0.1:0", runDirectory: %s}
                storage: {path: %s, size: 1Gi, minFree: 0}
                %s
                registries:
                - host: %s
                  upstreams: [%s]
                %s
                """.formatted(folder.resolve("run"), folder.resolve("store"), top, HOST, urls, perRegistry.indent(2));
    }

    private NodeCache start(String text) {
        yaml = text;
        try {
            Files.createDirectories(folder.resolve("run"));
            Files.createDirectories(folder.resolve("store"));
            NodeCache started = new NodeCache(parse(text), clock, proxies);
            started.start();
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static NodeCacheConfig parse(String text) {
        return switch (ConfigReader.parse(text)) {
            case ConfigResult.Loaded(NodeCacheConfig config) -> config;
            case ConfigResult.Rejected(var problems) -> throw new IllegalArgumentException(problems + " in\n" + text);
        };
    }

    NodeCache cache() {
        return cache;
    }

    void reload(String text) {
        cache.live().reload(parse(text));
    }

    /** Another process on the same disk. */
    void restart() {
        close();
        cache = start(yaml);
    }

    /** Of the registry {@link #HOST}, unless the path names one itself. */
    URI uri(String path) {
        String ns = path.contains("ns=") ? "" : (path.contains("?") ? "&" : "?") + "ns=" + HOST;
        return URI.create("http://127.0.0.1:" + cache.registryPort() + path + ns);
    }

    HttpResponse<byte[]> get(String path, String... headers) throws IOException, InterruptedException {
        return send("GET", path, headers);
    }

    HttpResponse<byte[]> head(String path, String... headers) throws IOException, InterruptedException {
        return send("HEAD", path, headers);
    }

    HttpResponse<byte[]> send(String method, String path, String... headers) throws IOException, InterruptedException {
        return client.send(request(method, uri(path), headers), HttpResponse.BodyHandlers.ofByteArray());
    }

    HttpResponse<java.io.InputStream> open(String path, String... headers) throws IOException, InterruptedException {
        return client.send(request("GET", uri(path), headers), HttpResponse.BodyHandlers.ofInputStream());
    }

    String admin(String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + cache.adminPort() + path);
        return client.send(
                        HttpRequest.newBuilder(uri)
                                .timeout(Duration.ofSeconds(10))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static HttpRequest request(String method, URI uri, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .timeout(Duration.ofSeconds(30));
        if (Arrays.stream(headers).noneMatch("Accept"::equals)) {
            request.header("Accept", ACCEPT);
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        return request.build();
    }

    /** Names of the files below a folder of the store. */
    java.util.List<String> stored(String part) throws IOException {
        Path root = folder.resolve("store/v1").resolve(part);
        if (!Files.isDirectory(root)) {
            return java.util.List.of();
        }
        return StoreFiles.below(root).stream()
                .map(file -> file.getFileName().toString())
                .toList();
    }

    /** More than once does no harm. */
    @Override
    public void close() {
        if (!cache.ready()) {
            return;
        }
        try {
            cache.stop();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
