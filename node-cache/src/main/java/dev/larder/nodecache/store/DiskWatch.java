package dev.larder.nodecache.store;

import dev.larder.nodecache.error.StoreFailure;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Notices a disk that does not answer. Every step on it that should be short is announced here; one that takes too long
 * makes the disk hang, until all such steps are over and {@link #answers} says that it took a new file. While it hangs
 * nothing more is begun on it: pulls go on uncached. Safe for many threads.
 *
 * <p>Flushing is not such a step: a slow disk may take minutes for a large blob, and nobody waits for it.
 */
public final class DiskWatch {

    /** Beyond what a busy disk takes for one step, well within what a pull may wait. */
    public static final Duration PATIENCE = Duration.ofSeconds(3);

    private final Executor threads;
    private final Set<Step> running = ConcurrentHashMap.newKeySet();
    private volatile boolean doubted;

    /** @param threads of the system, a bounded number of them, for what must not hold up whoever wants it */
    DiskWatch(Executor threads) {
        this.threads = threads;
    }

    /** A step under way. */
    final class Step implements AutoCloseable {
        private final long began = System.nanoTime();

        @Override
        public void close() {
            running.remove(this);
        }
    }

    Step step() {
        Step step = new Step();
        running.add(step);
        return step;
    }

    /** Whether something has waited for it too long, or did and it has not shown since that it is well. */
    public boolean hangs() {
        if (!doubted && isStuck()) {
            doubted = true;
        }
        return doubted;
    }

    private boolean isStuck() {
        long now = System.nanoTime();
        return running.stream().anyMatch(step -> now - step.began > PATIENCE.toNanos());
    }

    /** A file could be made, written and removed just now. */
    void answers() {
        doubted = isStuck();
    }

    /** @throws StoreFailure when it hangs */
    void requireAnswers() {
        if (hangs()) {
            throw new StoreFailure(StoreFailure.Kind.IO, problem(), null);
        }
    }

    /** What there is to say of it; empty when all is well. */
    public String problem() {
        return hangs()
                ? "the disk does not answer: a step on it took more than " + PATIENCE.toSeconds()
                        + " s; nothing is stored until it answers again"
                : "";
    }

    /**
     * Runs what may wait for the disk for a caller that must not.
     *
     * @throws StoreFailure its own, or when the disk does not answer in time
     */
    <T> T within(Supplier<T> work) {
        requireAnswers();
        CompletableFuture<T> done = new CompletableFuture<>();
        boolean begun = later(() -> {
            try {
                done.complete(work.get());
            } catch (RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        try {
            if (begun) {
                return done.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof StoreFailure failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } catch (TimeoutException e) {
            // As if no thread had been free.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new StoreFailure(StoreFailure.Kind.IO, "the disk did not answer within " + PATIENCE, null);
    }

    /** Runs something in a thread of the disk's; false when none is left, which is when all are stuck. */
    boolean later(Runnable work) {
        try {
            threads.execute(work);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }
}
