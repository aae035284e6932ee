package dev.larder.e2e.process;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for something outside this program, with an end to the waiting and a message that says what did not come. */
public final class Await {
    private static final Duration PAUSE = Duration.ofMillis(50);

    private Await() {}

    public static void until(String what, Duration limit, BooleanSupplier reached) {
        until(what, limit, reached, () -> "");
    }

    /** {@code evidence} is asked once, when the time is over, and added to the message. */
    public static void until(String what, Duration limit, BooleanSupplier reached, Supplier<String> evidence) {
        long end = System.nanoTime() + limit.toNanos();
        while (!reached.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new CommandFailure(
                        what + " did not happen within " + limit.toMillis() / 1000.0 + " s. " + evidence.get());
            }
            try {
                Thread.sleep(PAUSE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CommandFailure("interrupted while waiting: " + what, e);
            }
        }
    }
}
