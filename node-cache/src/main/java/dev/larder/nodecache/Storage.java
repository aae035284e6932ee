package dev.larder.nodecache;

import dev.larder.nodecache.evict.Evictor;
import dev.larder.nodecache.evict.StorageBudget;
import dev.larder.nodecache.metrics.CacheMetrics;
import dev.larder.nodecache.mirror.Mirror;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.ImageName;
import dev.larder.nodecache.registry.RegistryService;
import dev.larder.nodecache.store.DiskBlobStore;
import dev.larder.nodecache.store.ManifestStore;
import dev.larder.nodecache.store.RepositoryStore;
import dev.larder.nodecache.store.Scrub;
import dev.larder.nodecache.store.StoreProbe;
import dev.larder.nodecache.store.StoreRecovery;
import dev.larder.nodecache.store.StoredImages;
import dev.larder.nodecache.store.TagStore;
import dev.larder.nodecache.store.VerdictFile;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The disk: what is kept there, within which bounds, and who looks after it. */
final class Storage {

    private static final Logger LOG = LoggerFactory.getLogger(Storage.class);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(4);

    private final DiskBlobStore blobs;
    private final StoreProbe probe;
    private final StoreRecovery recovery;
    private final Evictor evictor;
    private final Scrub scrub;
    private final VerdictFile verdicts;
    private final RegistryService.Stores stores;
    private final ExecutorService disk;
    private volatile Settings settings;
    private volatile List<ImageName> mirrored = List.of();
    private volatile String problem = "";

    /** @param disk threads of the system, a bounded number of them */
    Storage(Path path, Settings settings, Clock clock, CacheMetrics metrics, ExecutorService disk) {
        this.disk = disk;
        this.settings = settings;
        this.blobs = new DiskBlobStore(path, clock, disk);
        this.probe = new StoreProbe(blobs);
        this.recovery = new StoreRecovery(blobs);
        this.evictor = new Evictor(blobs, probe::space, settings::budget, metrics::evicted);
        blobs.use().roomMaker(evictor);
        this.scrub = new Scrub(blobs, new Scrub.Listener() {
            @Override
            public void read(long bytes) {
                metrics.scrubbedBytes(bytes);
            }

            @Override
            public void judged(Digest digest, boolean good) {
                metrics.scrubbed(good);
                if (!good) {
                    LOG.atWarn().addKeyValue("digest", digest).log("bad bytes on the disk; dropped");
                }
            }
        });
        this.verdicts = new VerdictFile(blobs);
        this.stores = new RegistryService.Stores(
                blobs, new ManifestStore(blobs), new RepositoryStore(blobs), new TagStore(blobs), verdicts);
    }

    /** Takes up what is on the disk. */
    void open() {
        recovery.run();
        verdicts.open();
        probe.space();
    }

    /** The bounds of other settings, from the next blob on. */
    void use(Settings settings) {
        this.settings = settings;
        evictor.budget(settings::budget);
        pin();
    }

    /** Holds these images beside those that the settings name, and no others. */
    void mirrored(List<ImageName> images) {
        mirrored = List.copyOf(images);
        pin();
    }

    private synchronized void pin() {
        List<ImageName> images = new ArrayList<>(settings.config().storage().pins());
        images.addAll(mirrored);
        blobs.pins().replace(images);
    }

    /**
     * Looks after the disk.
     *
     * @param since the last time, which says how much of it may be read again now
     */
    void tend(Duration since) {
        try {
            String now = probe.problem();
            if (!now.equals(problem)) {
                problem = now;
                LOG.atWarn()
                        .addKeyValue("problem", now.isEmpty() ? "none any more" : now)
                        .log("storage");
            }
            probe.space();
            evictor.tend();
            stores.tags().tend();
            blobs.tend();
            verdicts.tend();
            scrub.step(since);
        } catch (RuntimeException e) {
            // The timer would stop for good.
            LOG.atError().setCause(e).log("tending the storage failed");
        }
    }

    /** A disk that does not answer is left as it is. */
    void close() throws InterruptedException {
        try {
            disk.submit(() -> {
                        scrub.close();
                        verdicts.close();
                        blobs.close();
                    })
                    .get(CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException | RejectedExecutionException e) {
            LOG.atWarn()
                    .addKeyValue("cause", String.valueOf(e))
                    .log("the disk does not answer; the next start looks at every blob");
        } finally {
            disk.shutdownNow();
        }
    }

    RegistryService.Stores stores() {
        return stores;
    }

    VerdictFile verdicts() {
        return verdicts;
    }

    Mirror.Stores mirrorStores() {
        return new Mirror.Stores(stores.manifests(), new StoredImages(blobs), stores.repositories(), blobs);
    }

    DiskBlobStore blobs() {
        return blobs;
    }

    Scrub scrub() {
        return scrub;
    }

    StorageBudget budget() {
        return settings.budget(space().total());
    }

    StoreProbe.Space space() {
        return probe.lastSpace();
    }

    /** What there is to say of it: what keeps it from being written, else that pins leave little room for anything else. */
    String message() {
        return problem().isEmpty() ? pinsProblem() : problem();
    }

    private String pinsProblem() {
        long pinned = blobs.pins().bytes(false);
        long size = budget().sizeBytes();
        return pinned < size / 10 * 9
                ? ""
                : "the images of storage.pins and the mirrored ones take " + pinned + " of the " + size
                        + " bytes of storage.size: little else can be kept, nor more of them; raise it or pin less";
    }

    /** What keeps the disk from being written; empty when nothing does. */
    String problem() {
        String hanging = blobs.watch().problem();
        return hanging.isEmpty() ? problem : hanging;
    }
}
