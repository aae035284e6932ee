package dev.larder.nodecache.log;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lines on their way out, written by a thread of its own: a reader of the log that stalls must not stall pulls. When too
 * many wait, lines are dropped and counted. Safe for many threads.
 */
public final class LogLines {

    /** The program's log. */
    public static final LogLines STANDARD_OUTPUT = new LogLines(System.out);

    /** Some 5,000 lines wait for a reader that stalls. */
    private static final int MOST = 2 << 20;

    private static final int BATCH = 128 << 10;
    private static final int SMALL = 16 << 10;

    /** To be woken and to write for each line would cost more than all the rest of it. */
    private static final long GATHER_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final OutputStream out;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition toWrite = lock.newCondition();
    private final Condition written = lock.newCondition();

    // All of these are guarded by the lock.
    private byte[] waiting = new byte[SMALL];
    private int length;
    private long dropped;
    private boolean writing;
    private boolean hurried;

    /** Writes to {@code out} from a thread of its own, as long as the process runs. */
    public LogLines(OutputStream out) {
        this.out = out;
        Thread.ofPlatform().daemon().name("log").start(this::run);
    }

    /** Takes the line, which is at its end with this. */
    public void add(JsonLine line) {
        byte[] bytes = line.end();
        int more = line.length();
        lock.lock();
        try {
            if (length + more > MOST) {
                dropped++;
                return;
            }
            if (length + more > waiting.length) {
                waiting = Arrays.copyOf(waiting, Math.max(2 * waiting.length, length + more));
            }
            System.arraycopy(bytes, 0, waiting, length, more);
            boolean due = length == 0 || (length < BATCH && length + more >= BATCH);
            length += more;
            if (due) {
                toWrite.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits a moment for what has been logged to be out; for the end of the process. */
    public static void flush() {
        STANDARD_OUTPUT.drain();
    }

    private void drain() {
        lock.lock();
        try {
            hurried = true;
            toWrite.signal();
            long left = TimeUnit.SECONDS.toNanos(1);
            while ((length > 0 || writing) && left > 0) {
                left = written.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            hurried = false;
            lock.unlock();
        }
    }

    private void run() {
        byte[] spare = new byte[SMALL];
        try {
            while (true) {
                byte[] batch;
                int count;
                long lost;
                lock.lockInterruptibly();
                try {
                    awaitBatch();
                    batch = waiting;
                    count = length;
                    lost = dropped;
                    waiting = spare;
                    length = 0;
                    dropped = 0;
                    writing = true;
                } finally {
                    lock.unlock();
                }
                write(batch, count, lost);
                // One that a stalled reader has made large is not kept.
                spare = batch.length > 2 * BATCH ? new byte[SMALL] : batch;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitBatch() throws InterruptedException {
        writing = false;
        written.signalAll();
        while (length == 0) {
            toWrite.await();
        }
        long left = GATHER_NANOS;
        while (length < BATCH && !hurried && left > 0) {
            left = toWrite.awaitNanos(left);
        }
    }

    private void write(byte[] batch, int count, long lost) {
        try {
            out.write(batch, 0, count);
            if (lost > 0) {
                out.write(
                        ("{\"level\":\"WARN\",\"logger\":\"larder.log\",\"message\":\"log lines were dropped\",\"count\":"
                                        + lost + "}\n")
                                .getBytes(StandardCharsets.UTF_8));
            }
            out.flush();
        } catch (IOException e) {
            // Nobody reads the log: there is nowhere to say so.
            lock.lock();
            try {
                dropped++;
            } finally {
                lock.unlock();
            }
        }
    }
}
