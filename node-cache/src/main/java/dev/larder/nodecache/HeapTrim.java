package dev.larder.nodecache;

import java.util.function.LongSupplier;

/**
 * Keeps garbage from taking the machine's memory. The serial collector lets its old generation grow to the limit before it goes
 * through it, and gives nothing back until then: after a quarter of an hour of churn the heap had its 64 MiB.
 * G1 does by itself what is asked for here (<a href="https://openjdk.org/jeps/346">JEP 346</a>), and takes more memory for
 * it. For one thread.
 */
final class HeapTrim {

    /** In a row, before it counts as quiet: a collection of all of it stops everything meanwhile. */
    private static final int QUIET_LOOKS = 3;

    /** At least, and a quarter of the heap: the more is in use, the longer a collection takes. */
    private static final long WORTH_A_QUIET_MOMENT = 8L << 20;

    /** At least, and half of the heap. */
    private static final long WORTH_A_PAUSE = 12L << 20;

    private final LongSupplier size;
    private final Runnable collect;
    private long sizeAtRest;
    private int quiet;
    /** What was in use at the last collection is not any more in the next quiet moment. */
    private boolean collectedWhileBusy;

    /**
     * @param size bytes of the heap, garbage and what is free of it included
     * @param collect gives back what it can
     */
    HeapTrim(LongSupplier size, Runnable collect) {
        this.size = size;
        this.collect = collect;
        this.sizeAtRest = size.getAsLong();
    }

    static HeapTrim ofThisProcess() {
        return new HeapTrim(() -> Runtime.getRuntime().totalMemory(), System::gc);
    }

    /** @param busy whether somebody waits for something now */
    void look(boolean busy) {
        quiet = busy ? 0 : quiet + 1;
        long grown = size.getAsLong() - sizeAtRest;
        boolean much = grown >= Math.max(WORTH_A_PAUSE, sizeAtRest / 2);
        boolean some = grown >= Math.max(WORTH_A_QUIET_MOMENT, sizeAtRest / 4);
        if (much || ((some || collectedWhileBusy) && quiet >= QUIET_LOOKS)) {
            collect.run();
            collectedWhileBusy = busy;
            sizeAtRest = size.getAsLong();
        }
    }
}
