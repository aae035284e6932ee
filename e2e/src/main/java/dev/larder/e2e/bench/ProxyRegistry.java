package dev.larder.e2e.bench;

import dev.larder.e2e.process.Await;
import dev.larder.e2e.process.Component;
import dev.larder.e2e.process.Ports;
import dev.larder.e2e.toolchain.CacheFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Debian's docker-registry as a pull-through cache with an empty store: what misses are measured beside. */
final class ProxyRegistry implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Component process;
    private final Path storage;
    private final URI url;

    private ProxyRegistry(Component process, Path storage, URI url) {
        this.process = process;
        this.storage = storage;
        this.url = url;
    }

    static ProxyRegistry start(BenchTools tools, URI upstream, Path folder) {
        int port = Ports.free();
        Path storage = folder.resolve("registry");
        try {
            Path settings = Files.writeString(folder.resolve("registry.yml"), """
                    version: 0.1
                    log: {level: error, accesslog: {disabled: true}}
                    storage: {filesystem: {rootdirectory: %s}}
                    http: {addr: "127.0.0.1:%d"}
                    proxy: {remoteurl: "%s"}
                    """.formatted(storage, port, upstream));
            Component process = new Component(
                    "docker-registry",
                    List.of(),
                    List.of(tools.registry().toString(), "serve", settings.toString()),
                    Map.of("OTEL_TRACES_EXPORTER", "none"),
                    folder.resolve("registry.log"));
            process.start();
            Await.until("the start of docker-registry", PATIENCE, () -> Ports.listening(port), process::logTail);
            return new ProxyRegistry(process, storage, Ports.url(port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    URI url() {
        return url;
    }

    @Override
    public void close() {
        process.stop(PATIENCE);
        CacheFolder.delete(storage);
    }
}
