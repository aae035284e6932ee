package dev.larder.e2e.toolchain;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Tells a person what is being done and how long it took, and at intervals that a long step is still going on. */
public final class Progress {
    private static final Duration INTERVAL = Duration.ofSeconds(20);

    private final PrintStream out;

    public Progress(PrintStream out) {
        this.out = out;
    }

    public void say(String text) {
        out.println(text);
    }

    public void step(String what, Runnable work) {
        produce(what, () -> {
            work.run();
            return "";
        });
    }

    public <T> T produce(String what, Supplier<T> work) {
        long start = System.nanoTime();
        var ended = new CountDownLatch(1);
        Thread.ofVirtual().start(() -> remind(what, start, ended));
        try {
            T result = work.get();
            out.printf(Locale.ROOT, "  %-62s %6.1f s%n", what, seconds(start));
            return result;
        } finally {
            ended.countDown();
        }
    }

    private void remind(String what, long start, CountDownLatch ended) {
        try {
            while (!ended.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
                out.printf(Locale.ROOT, "  %s: still at it after %.0f s%n", what, seconds(start));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
