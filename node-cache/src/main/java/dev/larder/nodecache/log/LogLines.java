package dev.larder.nodecache.log;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Lines on their way out, written by a thread of its own: a reader of the log that stalls must not stall pulls. When the
 * queue is full, lines are dropped and counted.
 */
public final class LogLines {

    static final LogLines STANDARD_OUTPUT = new LogLines(System.out);

    private static final int CAPACITY = 8192;
    private static final int BATCH = 64 * 1024;

    private final ArrayBlockingQueue<String> queue = new ArrayBlockingQueue<>(CAPACITY);
    private final LongAdder dropped = new LongAdder();
    private final OutputStream out;
    private volatile boolean idle = true;

    LogLines(OutputStream out) {
        this.out = out;
        Thread.ofPlatform().daemon().name("log").start(this::run);
    }

    void add(String line) {
        if (!queue.offer(line)) {
            dropped.increment();
        }
    }

    /** Waits a moment for what has been logged to be out; for the end of the process. */
    public static void flush() {
        STANDARD_OUTPUT.drain();
    }

    private void drain() {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
        while (!(queue.isEmpty() && idle) && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    private void run() {
        StringBuilder batch = new StringBuilder();
        while (true) {
            try {
                batch.append(queue.take());
                idle = false;
                while (batch.length() < BATCH) {
                    String next = queue.poll();
                    if (next == null) {
                        break;
                    }
                    batch.append(next);
                }
                long lost = dropped.sumThenReset();
                if (lost > 0) {
                    batch.append(
                                    "{\"level\":\"WARN\",\"logger\":\"larder.log\",\"message\":\"log lines were dropped\",")
                            .append("\"count\":")
                            .append(lost)
                            .append("}\n");
                }
                out.write(batch.toString().getBytes(StandardCharsets.UTF_8));
                out.flush();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (IOException e) {
                // Nobody reads the log: there is nowhere to say so.
                dropped.increment();
            } finally {
                batch.setLength(0);
                idle = queue.isEmpty();
            }
        }
    }
}
