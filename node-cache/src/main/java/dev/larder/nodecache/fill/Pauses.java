package dev.larder.nodecache.fill;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Waiting that an interrupt ends. */
final class Pauses {

    private Pauses() {}

    static void pause(Duration wait) throws InterruptedException {
        long end = System.nanoTime() + wait.toNanos();
        for (long left = wait.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }
}
