package dev.larder.nodecache;

import dev.larder.nodecache.config.NodeCacheConfig;
import dev.larder.nodecache.config.Problem;
import dev.larder.nodecache.metrics.CacheMetrics;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The settings in force, and how others take their place while the node cache runs. Thread-safe. */
final class LiveConfig {

    private static final Logger LOG = LoggerFactory.getLogger(LiveConfig.class);

    private final NodeCacheConfig started;
    private final Clock clock;
    private final CacheMetrics metrics;
    private final Consumer<NodeCacheConfig> use;
    private final BooleanSupplier newCertificates;
    private volatile Loaded loaded;
    private volatile List<Problem> problems = List.of();
    /** Settings that can be used when what their certificates' files hold is another. Guarded by this. */
    private @Nullable NodeCacheConfig waiting;

    /** Settings, and since when. */
    record Loaded(NodeCacheConfig config, Instant at) {}

    /**
     * @param started what needs a restart to change is as it is there
     * @param use goes over to settings; throws IllegalArgumentException, having changed nothing, when certificates that they
     *     name cannot be used
     * @param newCertificates whether files of certificates are others than when they were read
     */
    LiveConfig(
            NodeCacheConfig started,
            Clock clock,
            CacheMetrics metrics,
            Consumer<NodeCacheConfig> use,
            BooleanSupplier newCertificates) {
        this.started = started;
        this.clock = clock;
        this.metrics = metrics;
        this.use = use;
        this.newCertificates = newCertificates;
        this.loaded = new Loaded(started, clock.instant());
    }

    NodeCacheConfig started() {
        return started;
    }

    Loaded loaded() {
        return loaded;
    }

    /** With the file, and with what it asks for. */
    List<Problem> problems() {
        return problems;
    }

    /**
     * The first time.
     *
     * @throws IllegalArgumentException naming the file that cannot be used
     */
    synchronized void begin() {
        use.accept(started);
        loaded = new Loaded(started, clock.instant());
    }

    /**
     * Goes over to other settings; what needs a restart keeps its old value and is said in the problems. When a file of
     * certificates cannot be used, the settings in force stay until it can.
     */
    synchronized void reload(NodeCacheConfig next) {
        waiting = null;
        boolean news = !next.equals(loaded.config()) || newCertificates.getAsBoolean();
        if (news) {
            try {
                use.accept(next);
            } catch (IllegalArgumentException e) {
                refuse(List.of(new Problem("registries", String.valueOf(e.getMessage()))));
                waiting = next;
                return;
            }
            loaded = new Loaded(next, clock.instant());
        }
        problems = started.appliesLive(next)
                ? List.of()
                : List.of(new Problem(
                        "listen, storage.path, timeouts.client, mirror",
                        "changed; restart the node cache to apply them"));
        if (news) {
            metrics.configReload("applied");
            LOG.atInfo().addKeyValue("revision", next.revision()).log("settings applied");
        }
    }

    /** Certificates of upstreams change, or come, while the settings that name their files stay. To be called often. */
    synchronized void lookAtCertificates() {
        NodeCacheConfig again = waiting;
        if (again == null && newCertificates.getAsBoolean()) {
            again = loaded.config();
        }
        if (again != null) {
            reload(again);
        }
    }

    /** The file turned bad: the settings in force stay. */
    synchronized void reject(List<Problem> found) {
        waiting = null;
        refuse(found);
    }

    private void refuse(List<Problem> found) {
        if (!found.equals(problems)) {
            problems = List.copyOf(found);
            metrics.configReload("rejected");
            LOG.atWarn().addKeyValue("problems", found).log("the config file has errors; the last good settings stay");
        }
    }
}
