package dev.larder.nodecache;

import dev.larder.nodecache.config.ConfigReader;
import dev.larder.nodecache.config.ConfigResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the config file twice a second and hands over what changed. Looking, rather than inotify, sees every way of
 * change alike: an edit, a rename, and Kubernetes' swap of a symbolic link two folders up.
 */
final class ConfigWatcher implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ConfigWatcher.class);
    private static final Duration EVERY = Duration.ofMillis(500);

    private final Path file;
    private final NodeCache cache;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("config").factory());
    private Optional<Seen> seen;

    private record Seen(Path real, Object key, long modified, long size) {}

    ConfigWatcher(Path file, NodeCache cache) {
        this.file = file;
        this.cache = cache;
        this.seen = look();
    }

    void start() {
        var _ = timer.scheduleWithFixedDelay(this::check, EVERY.toMillis(), EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void check() {
        try {
            Optional<Seen> now = look();
            if (now.isPresent() && !now.equals(seen)) {
                seen = now;
                switch (ConfigReader.read(file)) {
                    case ConfigResult.Loaded(var config) -> cache.reload(config);
                    case ConfigResult.Rejected(var problems) -> cache.reject(problems);
                }
            }
        } catch (RuntimeException e) {
            // The timer would stop for good.
            LOG.atError().setCause(e).log("reading the config file again failed");
        }
    }

    /** Empty in the instant between removal and return. */
    private Optional<Seen> look() {
        try {
            Path real = file.toRealPath();
            BasicFileAttributes attributes = Files.readAttributes(real, BasicFileAttributes.class);
            return Optional.of(new Seen(
                    real,
                    String.valueOf(attributes.fileKey()),
                    attributes.lastModifiedTime().toMillis(),
                    attributes.size()));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
