package dev.larder.nodecache;

import dev.larder.nodecache.config.ConfigReader;
import dev.larder.nodecache.config.ConfigResult;
import dev.larder.nodecache.config.Endpoint;
import dev.larder.nodecache.config.NodeCacheConfig;
import dev.larder.nodecache.config.Problem;
import dev.larder.nodecache.config.RegistryConfig;
import dev.larder.nodecache.config.TlsConfig;
import dev.larder.nodecache.config.UpstreamConfig;
import dev.larder.nodecache.containerd.CaBundle;
import dev.larder.nodecache.containerd.HostsEntry;
import dev.larder.nodecache.containerd.HostsUpstream;
import dev.larder.nodecache.containerd.Wanted;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The config file as the hosts writer needs it, read again on every {@link #wanted}: it is small, and so are the files
 * it names. A file that turns bad leaves the last good settings in force. Not for several threads.
 */
final class HostsWriterSettings {

    private static final int MOST_BUNDLES = 64;

    private final Path file;
    private NodeCacheConfig config;
    private String problem = "";
    private byte[] seen = new byte[0];

    /** Parsing certificates every second would be most of the work here. */
    private final Map<String, CaBundle> parsed = new HashMap<>();

    private HostsWriterSettings(Path file, NodeCacheConfig config) {
        this.file = file;
        this.config = config;
    }

    /** Empty, and every problem told to {@code problems}, when the file cannot be used. */
    static Optional<HostsWriterSettings> read(Path file, List<Problem> problems) {
        return switch (ConfigReader.read(file)) {
            case ConfigResult.Loaded(NodeCacheConfig config) -> {
                if (config.listen().registry().port() == 0) {
                    problems.add(new Problem("listen.registry", "needs a fixed port: containerd has to be told"));
                    yield Optional.empty();
                }
                yield Optional.of(new HostsWriterSettings(file, config));
            }
            case ConfigResult.Rejected(List<Problem> found) -> {
                problems.addAll(found);
                yield Optional.empty();
            }
        };
    }

    String resource() {
        return config.resource();
    }

    Path hostRoot() {
        return config.containerd().hostRoot();
    }

    Path runDirectory() {
        return config.listen().runDirectory();
    }

    /** Where the cache listens, as something on this machine reaches it. */
    InetSocketAddress cache() {
        Endpoint endpoint = reachable();
        return new InetSocketAddress(endpoint.host(), endpoint.port());
    }

    private Endpoint reachable() {
        Endpoint endpoint = config.listen().registry();
        return switch (endpoint.host()) {
            case "0.0.0.0" -> new Endpoint("127.0.0.1", endpoint.port());
            case "::" -> new Endpoint("::1", endpoint.port());
            default -> endpoint;
        };
    }

    /** What the file says now, or said when it was last in order. Listening and folders stay as they were at the start. */
    Wanted wanted() {
        byte[] now = bytes();
        if (!Arrays.equals(now, seen)) {
            seen = now;
            reload();
        }
        List<String> messages = new ArrayList<>();
        if (!problem.isEmpty()) {
            messages.add(problem);
        }
        Optional<CaBundle> cacheTrust = cacheTrust(messages);
        List<HostsEntry> entries = tls() != null && cacheTrust.isEmpty()
                ? List.of()
                : config.registries().stream()
                        .map(registry -> entry(registry, cacheTrust, messages))
                        .toList();
        return new Wanted(
                config.containerd().manage(),
                config.revision(),
                config.containerd().configPath(),
                entries,
                String.join("; ", messages));
    }

    /** Empty for a file that cannot be read: then the reader says why. */
    private byte[] bytes() {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            return new byte[0];
        }
    }

    private void reload() {
        switch (ConfigReader.read(file)) {
            case ConfigResult.Loaded(NodeCacheConfig fresh) -> {
                problem = "";
                config = new NodeCacheConfig(
                        fresh.revision(),
                        config.resource(),
                        config.listen(),
                        fresh.storage(),
                        fresh.limits(),
                        fresh.timeouts(),
                        fresh.registries(),
                        fresh.containerd(),
                        config.mirror());
            }
            case ConfigResult.Rejected(List<Problem> problems) ->
                problem = "the config file is wrong, so the settings before it stay: "
                        + problems.stream().map(Problem::toString).collect(Collectors.joining("; "));
        }
    }

    private @Nullable TlsConfig tls() {
        return config.listen().tls();
    }

    /** The authority of the cache's certificate, when it listens with TLS. */
    Optional<Path> cacheAuthority() {
        return Optional.ofNullable(tls()).map(TlsConfig::caFile);
    }

    private Optional<CaBundle> cacheTrust(List<String> messages) {
        Path ca = cacheAuthority().orElse(null);
        if (ca == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(bundle(ca));
        } catch (IOException | IllegalArgumentException e) {
            messages.add("listen.tls.caFile " + ca + ": " + e.getMessage()
                    + "; until containerd can be told whom to trust, pulls go past the cache");
            return Optional.empty();
        }
    }

    private HostsEntry entry(RegistryConfig registry, Optional<CaBundle> cacheTrust, List<String> messages) {
        List<HostsUpstream> upstreams = registry.upstreams().stream()
                .map(upstream -> new HostsUpstream(
                        upstream.url(),
                        upstream.pathPrefix(),
                        upstream.insecureSkipVerify(),
                        trust(registry, upstream, messages)))
                .toList();
        String scheme = tls() == null ? "http://" : "https://";
        return new HostsEntry(registry.host(), scheme + reachable(), cacheTrust, upstreams);
    }

    private Optional<CaBundle> trust(RegistryConfig registry, UpstreamConfig upstream, List<String> messages) {
        Path ca = upstream.caFile();
        if (ca == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(bundle(ca));
        } catch (IOException | IllegalArgumentException e) {
            messages.add("registry " + registry.host() + ", upstream " + upstream.url() + ", caFile " + ca + ": "
                    + e.getMessage() + "; containerd will not trust this upstream when the cache is away");
            return Optional.empty();
        }
    }

    private CaBundle bundle(Path ca) throws IOException {
        String pem = Files.readString(ca);
        CaBundle bundle = parsed.get(pem);
        if (bundle == null) {
            bundle = CaBundle.parse(pem);
            if (parsed.size() > MOST_BUNDLES) {
                parsed.clear();
            }
            parsed.put(pem, bundle);
        }
        return bundle;
    }
}
