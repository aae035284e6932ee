package dev.larder.nodecache.fuzz;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Gives a parser many texts and fails when it throws, takes long, or takes much memory. The texts come from a seeded
 * generator: the same seed gives the same ones. System properties: {@code larder.fuzz.inputs} for each parser,
 * {@code larder.fuzz.seed}.
 */
public final class Fuzz {

    private static final int INPUTS = Integer.getInteger("larder.fuzz.inputs", 20_000);
    private static final int MANY = 100_000;
    private static final long SEED = Long.getLong("larder.fuzz.seed", 20_261_122L);
    private static final Duration SUSPICIOUS = Duration.ofMillis(50);
    private static final Duration HOPELESS = Duration.ofSeconds(30);
    private static final Duration SAY_EVERY = Duration.ofMinutes(1);
    private static final int TRIES = 5;
    private static final long MEMORY = 8L << 20;
    /** Long enough for any parser of texts of this length that goes through them once. */
    private static final long BYTES_PER_CHARACTER = 1000;

    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Fuzz() {}

    /**
     * Runs {@code parser}, which must throw nothing but what it catches itself, in a thread with half the stack of the
     * node cache's own.
     *
     * @param seeds good inputs, and bad ones worth starting from; not empty
     */
    public static void run(List<String> seeds, Consumer<String> parser) throws InterruptedException {
        // Few inputs are given by one thread, so that a failure is always the same one.
        int threads = INPUTS < MANY ? 1 : Runtime.getRuntime().availableProcessors();
        long began = System.nanoTime();
        List<Giver> givers = new ArrayList<>();
        for (int n = 0; n < threads; n++) {
            givers.add(new Giver(seeds, parser, SEED + n, INPUTS / threads));
        }
        String name = StackWalker.getInstance()
                .walk(frames -> frames.skip(1).findFirst().orElseThrow().toStackTraceElement())
                .toString();
        long said = began;
        while (!allEnded(givers)) {
            if (System.nanoTime() - said > SAY_EVERY.toNanos()) {
                said = System.nanoTime();
                long given =
                        givers.stream().mapToLong(giver -> giver.given.get()).sum();
                System.out.printf("%s: %,d of %,d inputs%n", name, given, INPUTS);
            }
        }
        if (INPUTS >= MANY) {
            System.out.printf("%s: %,.0f inputs a second%n", name, INPUTS / ((System.nanoTime() - began) / 1e9));
        }
    }

    private static boolean allEnded(List<Giver> givers) throws InterruptedException {
        boolean ended = true;
        for (Giver giver : givers) {
            ended &= giver.ended();
        }
        return ended;
    }

    /** One thread that gives inputs to the parser. */
    private static final class Giver {
        private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        private final AtomicReference<Started> now = new AtomicReference<>(new Started("", System.nanoTime()));
        private final AtomicLong given = new AtomicLong();
        private final Thread thread;

        Giver(List<String> seeds, Consumer<String> parser, long seed, int inputs) {
            thread = new Thread(null, () -> all(seeds, parser, new Mutator(seed, seeds), inputs), "fuzz", 256 * 1024);
            thread.setDaemon(true);
            thread.setUncaughtExceptionHandler((t, e) -> failure.set(e));
            thread.start();
        }

        private void all(List<String> seeds, Consumer<String> parser, Mutator mutator, int inputs) {
            for (int i = 0; i < inputs; i++) {
                String input = i < seeds.size() ? seeds.get(i) : mutator.next();
                now.set(new Started(input, System.nanoTime()));
                one(input, parser);
                given.lazySet(i + 1);
            }
        }

        /** Waits for it a little, and fails when it has, or hangs. */
        boolean ended() throws InterruptedException {
            boolean ended = thread.join(Duration.ofMillis(500));
            Started started = now.get();
            if (!ended && System.nanoTime() - started.nanos() > HOPELESS.toNanos()) {
                throw new AssertionError("more than " + HOPELESS + " for " + shown(started.input()));
            }
            Throwable found = failure.get();
            if (found != null) {
                throw new AssertionError(found.getMessage(), found);
            }
            return ended;
        }
    }

    private record Started(String input, long nanos) {}

    private static void one(String input, Consumer<String> parser) {
        long allowed = MEMORY + input.length() * BYTES_PER_CHARACTER;
        long before = THREADS.getCurrentThreadAllocatedBytes();
        long took = time(input, parser);
        long memory = THREADS.getCurrentThreadAllocatedBytes() - before;
        if (memory > allowed) {
            // The first use of a library takes memory for its classes; a bad parser takes it each time.
            before = THREADS.getCurrentThreadAllocatedBytes();
            took = Math.min(took, time(input, parser));
            memory = THREADS.getCurrentThreadAllocatedBytes() - before;
        }
        if (memory > allowed) {
            throw new AssertionError(memory + " bytes of memory for " + shown(input));
        }
        // A compiler that has just thrown code away makes anything slow once; a bad parser is slow each time.
        for (int i = 0; i < TRIES && took > SUSPICIOUS.toNanos(); i++) {
            took = Math.min(took, time(input, parser));
        }
        if (took > SUSPICIOUS.toNanos() * 4) {
            throw new AssertionError(Duration.ofNanos(took) + " of the processor for " + shown(input));
        }
    }

    /** Of the processor: a busy machine makes anything wait. */
    private static long time(String input, Consumer<String> parser) {
        long began = THREADS.getCurrentThreadCpuTime();
        try {
            parser.accept(input);
        } catch (RuntimeException | AssertionError | StackOverflowError | OutOfMemoryError e) {
            throw new AssertionError(e + " for " + shown(input), e);
        }
        return THREADS.getCurrentThreadCpuTime() - began;
    }

    private static String shown(String input) {
        StringBuilder text = new StringBuilder(input.length() + " characters: ");
        input.chars()
                .limit(500)
                .forEach(c -> text.append(c >= ' ' && c < 127 ? String.valueOf((char) c) : "\\u%04x".formatted(c)));
        return text.toString();
    }
}
