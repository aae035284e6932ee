package dev.larder.nodecache.mirror;

import dev.larder.nodecache.error.CacheException;
import dev.larder.nodecache.error.InvalidRequest;
import dev.larder.nodecache.error.Overloaded;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.Reference;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.oci.Tag;
import dev.larder.nodecache.push.TargetRepository;
import dev.larder.nodecache.registry.RegistryService;
import dev.larder.nodecache.registry.UpstreamQuestions;
import dev.larder.nodecache.source.BriefMemory;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.upstream.PushExchange;
import dev.larder.nodecache.upstream.PushTarget;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The copies to other registries that the operator has ordered, a few at once. Who orders the same again joins what runs, so
 * an order is given again until it is done. Safe for many threads.
 */
public final class CopyJobs {

    private static final Logger LOG = LoggerFactory.getLogger(CopyJobs.class);
    /** As many as the operator orders: on a cluster of one node all come here. */
    private static final int AT_ONCE = 4;

    private static final Duration LONGEST = Duration.ofHours(2);
    /** For one that nobody has asked for since it ended. */
    private static final Duration KEPT = Duration.ofMinutes(10);

    private static final Duration SEEN = Duration.ofHours(12);
    private static final int MAX_SEEN = 8192;

    private final Function<PushTarget, PushExchange> targets;
    private final RegistryService service;
    private final UpstreamQuestions upstreams;
    private final Mirror.Stores stores;
    private final ExecutorService threads;
    private final BriefMemory<ImageCopy.Whereabouts, RepositoryName> seen;
    private final BriefMemory<CopyOrder, Job> ended;

    /** Guarded by itself. */
    private final Map<CopyOrder, Job> running = new HashMap<>();

    /**
     * How far a copy is.
     *
     * @param done whether it has ended, well
     * @param bytes of blobs, sent so far
     */
    public record Progress(boolean done, long bytes) {}

    private record Job(CompletableFuture<Void> end, AtomicLong sent) {}

    /**
     * @param targets a way to each target; it throws IllegalArgumentException when there can be none
     * @param threads one virtual thread a task
     */
    public CopyJobs(
            Function<PushTarget, PushExchange> targets,
            RegistryService service,
            UpstreamQuestions upstreams,
            Mirror.Stores stores,
            Clock clock,
            ExecutorService threads) {
        this.targets = targets;
        this.service = service;
        this.upstreams = upstreams;
        this.stores = stores;
        this.threads = threads;
        this.seen = new BriefMemory<>(clock, SEEN, MAX_SEEN);
        this.ended = new BriefMemory<>(clock, KEPT, 64);
    }

    /**
     * Begins the copy, or joins it, and waits for its end, but no longer than that.
     *
     * @throws CacheException when it has failed, which is told once: the order given again begins anew
     */
    public Progress copy(CopyOrder order, Duration wait) throws InterruptedException {
        if (order.source().registry().value().equals(order.target().host())
                && order.source().repository().equals(order.target().repository())) {
            throw new InvalidRequest(InvalidRequest.Kind.NAME, "a copy onto itself: change the target's repository");
        }
        Job job = job(order);
        try {
            job.end().get(wait.toMillis(), TimeUnit.MILLISECONDS);
            ended.forget(order);
            return new Progress(true, job.sent().get());
        } catch (TimeoutException e) {
            return new Progress(false, job.sent().get());
        } catch (ExecutionException e) {
            ended.forget(order);
            if (e.getCause() instanceof CacheException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private Job job(CopyOrder order) {
        synchronized (running) {
            Job known = running.get(order);
            if (known != null) {
                return known;
            }
            Optional<Job> over = ended.find(order);
            if (over.isPresent()) {
                return over.get();
            }
            if (running.size() >= AT_ONCE) {
                throw new Overloaded("copies at once", AT_ONCE);
            }
            Job job = new Job(new CompletableFuture<>(), new AtomicLong());
            threads.execute(() -> run(order, job));
            running.put(order, job);
            return job;
        }
    }

    private void run(CopyOrder order, Job job) {
        Throwable failure = null;
        try (TargetRepository target = open(order.target())) {
            ImageFetch fetch = new ImageFetch(service, stores);
            ImageCopy.Parts parts = new ImageCopy.Parts(fetch, upstreams, stores.images(), seen);
            new ImageCopy(order, target, parts, Deadline.in(LONGEST), job.sent()).run();
        } catch (CacheException e) {
            failure = e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failure = e;
        } catch (RuntimeException | Error e) {
            LOG.atError().setCause(e).log("a copy failed because of a bug");
            failure = e;
        }
        LOG.atInfo()
                .addKeyValue("image", order.source() + "@" + order.image())
                .addKeyValue(
                        "target", order.target().host() + "/" + order.target().repository())
                .addKeyValue("tags", order.tags())
                .addKeyValue("bytes", job.sent().get())
                .addKeyValue("failure", failure == null ? "" : String.valueOf(failure.getMessage()))
                .log("copy ended");
        synchronized (running) {
            running.remove(order);
            ended.put(order, job);
        }
        var _ = failure == null ? job.end().complete(null) : job.end().completeExceptionally(failure);
    }

    private TargetRepository open(PushTarget target) {
        try {
            return new TargetRepository(target.host(), target.repository(), targets.apply(target));
        } catch (IllegalArgumentException e) {
            throw new InvalidRequest(InvalidRequest.Kind.UNSUPPORTED, String.valueOf(e.getMessage()));
        }
    }

    /** What has become of a tag that was to go. */
    public enum Untagged {
        /** It is not there, any more. */
        GONE,
        /** It means something else by now, and is somebody else's therefore. */
        CHANGED,
        /** The registry can take away images only, and this one is wanted, or is another tag's, too. */
        WANTED,
        /** The registry takes nothing away. */
        REFUSED
    }

    /**
     * A tag to take away that a copy has made.
     *
     * @param image what it was made to mean
     * @param wanted whether a tag that stays is known to mean the same
     * @param leaving others that are to go, too; they may go with it
     */
    public record Removal(Tag tag, Digest image, boolean wanted, Set<Tag> leaving) {
        public Removal {
            leaving = Set.copyOf(leaving);
        }
    }

    /**
     * Takes a tag away, and nothing that anybody else may want.
     *
     * @throws CacheException when the registry does not answer as it should
     */
    public Untagged untag(PushTarget at, Removal removal) throws InterruptedException {
        Tag tag = removal.tag();
        Digest image = removal.image();
        try (TargetRepository target = open(at)) {
            Optional<Digest> now = target.digestOf(new Reference.ByTag(tag));
            if (now.isEmpty()) {
                return Untagged.GONE;
            }
            if (!now.get().equals(image)) {
                return Untagged.CHANGED;
            }
            // Whatever is answered to that: distribution 2 says of a tag that is there that there is no such thing.
            target.delete(new Reference.ByTag(tag));
            if (target.digestOf(new Reference.ByTag(tag)).isEmpty()) {
                return Untagged.GONE;
            }
            if (removal.wanted() || target.mayHaveAnotherTag(image, besides(removal))) {
                return Untagged.WANTED;
            }
            target.delete(new Reference.ByDigest(image));
            return target.digestOf(new Reference.ByTag(tag)).isEmpty() ? Untagged.GONE : Untagged.REFUSED;
        }
    }

    private static Set<Tag> besides(Removal removal) {
        Set<Tag> besides = new HashSet<>(removal.leaving());
        besides.add(removal.tag());
        return besides;
    }
}
