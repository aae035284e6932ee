package dev.larder.nodecache.fill;

import dev.larder.nodecache.error.CacheException;
import dev.larder.nodecache.error.IntegrityFailure;
import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.RegistryHost;
import dev.larder.nodecache.source.BriefMemory;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.store.BlobLease;
import dev.larder.nodecache.store.BlobStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that at most one fill runs for a digest: the first asker starts it, the others join it.
 *
 * <p>After wrong bytes, or when the upstream failed in the middle, the digest is refused for a while: the client goes
 * elsewhere at once instead of meeting the same again.
 */
public final class FillCoordinator {

    private static final Logger LOG = LoggerFactory.getLogger(FillCoordinator.class);
    private static final Duration REFUSED_FOR = Duration.ofSeconds(30);
    private static final int MAX_REFUSED = 1000;

    private final BlobStore store;
    private final Threads threads;
    private final Clock clock;
    private final FillListener listener;
    private final ConcurrentHashMap<Digest, Fill> running = new ConcurrentHashMap<>();
    private final BriefMemory<Refused, CacheException> refused;
    private final FillQueue queue;

    /** What may change while running. */
    public record Settings(int maxFills, int maxFillsPerRegistry) {
        FillQueue.Limits limits() {
            return new FillQueue.Limits(maxFills, maxFillsPerRegistry);
        }
    }

    /** What one registry gave wrongly, another may have. */
    private record Refused(RegistryHost registry, Digest digest) {
        static Refused of(FillRequest request) {
            return new Refused(request.repository().registry(), request.digest());
        }
    }

    /** Told of each fill's end, for the metrics. */
    public interface FillListener {
        void ended(String registry, String result, Duration took);
    }

    /**
     * Where fills run.
     *
     * @param virtual one virtual thread a task
     * @param disk threads of the system, a bounded number of them: who waits for a disk there keeps no virtual thread from
     *     running
     */
    public record Threads(Executor virtual, Executor disk) {}

    public FillCoordinator(BlobStore store, Threads threads, Clock clock, Settings settings, FillListener listener) {
        this.store = store;
        this.threads = threads;
        this.clock = clock;
        this.listener = listener;
        this.queue = new FillQueue(clock, settings.limits());
        this.refused = new BriefMemory<>(clock, REFUSED_FOR, MAX_REFUSED);
    }

    public void settings(Settings next) {
        queue.limits(next.limits());
    }

    /** Fills that have a place. */
    public int running() {
        return queue.running();
    }

    /** Fills that wait for one. */
    public int waiting() {
        return queue.waiting();
    }

    /** Waits until no fill runs, or the deadline passes. */
    public void awaitIdle(Deadline deadline) throws InterruptedException {
        while (!running.isEmpty() && !deadline.isOver()) {
            Pauses.pause(Duration.ofMillis(10));
        }
    }

    /**
     * Joins the digest's fill, or starts it.
     *
     * @param verdict asked, outside any lock, before the request sees what another request's fill brings; throws to refuse
     * @return empty when the fill ended between, so the store should be looked at again
     */
    public Optional<FillReader> join(FillRequest request, Deadline deadline, Verdict verdict)
            throws InterruptedException {
        Digest digest = request.digest();
        Optional<CacheException> refusal = refused.find(Refused.of(request));
        if (refusal.isPresent()) {
            throw refusal.get();
        }
        Fill mine = new Fill(request);
        // It may have been committed since the caller looked at the store. Asked before others can join a fill that
        // nobody runs.
        Fill fill = running.computeIfAbsent(digest, d -> isStored(d) ? null : mine);
        if (fill == null) {
            return Optional.empty();
        }
        if (fill != mine && !fill.request().sharesVerdictWith(request)) {
            verdict.check();
        }
        if (!fill.enter()) {
            return Optional.empty();
        }
        if (fill == mine) {
            start(fill, deadline);
        } else if (request.bytesPerSecond() == 0) {
            fill.hurry();
        }
        return Optional.of(new FillReader(fill, request, fill != mine));
    }

    /** Whether a request may have what another one caused to be fetched. */
    public interface Verdict {
        void check() throws InterruptedException;
    }

    private boolean isStored(Digest digest) {
        Optional<BlobLease> lease = store.find(digest);
        lease.ifPresent(BlobLease::close);
        return lease.isPresent();
    }

    private void start(Fill fill, Deadline deadline) {
        threads.virtual().execute(() -> {
            Instant began = clock.instant();
            String result = "stopped";
            try (FillQueue.Place _ =
                    queue.enter(fill.request().repository(), fill.request().bytesPerSecond() > 0, toBegin(deadline))) {
                new FillRun(fill, store, threads.disk()).run(new FillTask(fill, store, deadline)::run);
                result = "committed";
            } catch (CacheException e) {
                result = e.getClass().getSimpleName();
                remember(fill, e);
                fill.failed(e);
                LOG.atInfo()
                        .addKeyValue("repository", fill.request().repository())
                        .addKeyValue("digest", fill.request().digest())
                        .addKeyValue("cause", e.getMessage())
                        .log("a fill ended without its blob");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                running.remove(fill.request().digest(), fill);
                fill.failed(new UpstreamFailure(
                        UpstreamFailure.Kind.UNREACHABLE,
                        fill.request().repository().registry().value(),
                        "the fill was stopped"));
                fill.leave();
                listener.ended(
                        fill.request().repository().registry().value(),
                        result,
                        Duration.between(began, clock.instant()));
            }
        });
    }

    /** A place in the last moment is of no use: the upstream needs some time too. */
    private static Deadline toBegin(Deadline firstByte) {
        return Deadline.in(firstByte.remaining().multipliedBy(9).dividedBy(10));
    }

    private void remember(Fill fill, CacheException failure) {
        boolean inTheMiddle = failure instanceof UpstreamFailure && fill.file() != null;
        if (failure instanceof IntegrityFailure || inTheMiddle) {
            refused.put(Refused.of(fill.request()), failure);
        }
    }
}
