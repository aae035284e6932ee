package dev.larder.nodecache;

import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Threads of the system for what waits for the disk. Beyond a number of them, whoever needs one does without; they come with
 * the fills that need them, and go.
 */
final class DiskThreads extends ThreadPoolExecutor {

    private static final int LEAST = 128;

    /** Each fill holds one to its end; the journal and all that is short need some beside them. */
    private static final int BESIDE_FILLS = 64;

    DiskThreads() {
        super(
                0,
                LEAST,
                10,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                Thread.ofPlatform().daemon().name("disk-", 1).factory());
    }

    /** So many fills may run at once from now on. */
    void enoughFor(int fills) {
        setMaximumPoolSize(Math.max(LEAST, fills + BESIDE_FILLS));
    }
}
