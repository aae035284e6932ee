package dev.larder.nodecache.fill;

import dev.larder.nodecache.error.CacheException;
import dev.larder.nodecache.error.StoreFailure;
import dev.larder.nodecache.store.BlobStore;
import dev.larder.nodecache.store.DiskWatch;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Runs a fill in a thread of the disk's, and leaves that thread alone when the disk keeps it: the readers then go on
 * without. BadDiskIT shows it.
 */
final class FillRun {

    private static final Duration LOOK_EVERY = Duration.ofMillis(500);

    /** A {@link FillTask}. */
    interface Work {
        void run() throws InterruptedException;
    }

    private final Fill fill;
    private final BlobStore store;
    private final Executor disk;

    FillRun(Fill fill, BlobStore store, Executor disk) {
        this.fill = fill;
        this.store = store;
        this.disk = disk;
    }

    /** Returns when the blob is committed; every other end is thrown. */
    void run(Work task) throws InterruptedException {
        FutureTask<Void> work = new FutureTask<>(() -> {
            try {
                task.run();
            } finally {
                fill.leave();
            }
            return null;
        });
        fill.enter();
        begin(work);
        while (true) {
            try {
                work.get(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
                return;
            } catch (TimeoutException e) {
                if (fill.abandonIfStuck(DiskWatch.PATIENCE) || onlyTheDiskIsLeft()) {
                    throw new StoreFailure(StoreFailure.Kind.IO, "the disk does not answer", e);
                }
            } catch (InterruptedException e) {
                work.cancel(true);
                throw e;
            } catch (ExecutionException e) {
                rethrow(e.getCause());
            }
        }
    }

    /** Everybody has the whole blob, and its name is what the disk does not give: nobody's place is held for that. */
    private boolean onlyTheDiskIsLeft() {
        return store.hangs() && fill.now().state() == Fill.State.VERIFIED;
    }

    /** While the disk hangs none of its threads is needed: the store refuses at once. */
    private void begin(FutureTask<Void> work) {
        if (store.hangs()) {
            work.run();
            return;
        }
        try {
            disk.execute(work);
        } catch (RejectedExecutionException e) {
            work.run();
        }
    }

    private static void rethrow(@Nullable Throwable cause) throws InterruptedException {
        switch (cause) {
            case CacheException failure -> throw failure;
            case InterruptedException interrupted -> throw interrupted;
            case null, default -> throw new IllegalStateException("a fill failed because of a bug", cause);
        }
    }
}
