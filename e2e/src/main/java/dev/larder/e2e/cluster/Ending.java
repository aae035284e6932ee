package dev.larder.e2e.cluster;

import dev.larder.e2e.process.Await;
import dev.larder.e2e.process.Command;
import dev.larder.e2e.process.CommandFailure;
import dev.larder.e2e.toolchain.CacheFolder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The end of one cluster, however early it comes: it stands ready as the JVM's shutdown hook before the cluster has anything
 * on the machine. Thread-safe.
 */
final class Ending {
    /** A network namespace is taken down by one thread of the kernel for all of them, which takes long on a busy machine. */
    private static final Duration KERNEL = Duration.ofMinutes(2);

    private final Enclosure enclosure;
    private final Path ip;
    private final CacheFolder cache;
    private final Thread hook = new Thread(this::end, "end of the cluster");
    private Optional<Slot> slot = Optional.empty();
    private boolean over;

    private Ending(Enclosure enclosure, Path ip, CacheFolder cache) {
        this.enclosure = enclosure;
        this.ip = ip;
        this.cache = cache;
    }

    /** @param ip the program */
    static Ending of(Enclosure enclosure, Path ip, CacheFolder cache) {
        var ending = new Ending(enclosure, ip, cache);
        Runtime.getRuntime().addShutdownHook(ending.hook);
        return ending;
    }

    /**
     * Takes a slot by the given attempt, which says whether it succeeded; the end waits for it, and then gives it back.
     * Called by one at a time ({@link Slot#changing}).
     */
    synchronized boolean take(Slot wanted, Supplier<Boolean> attempt) {
        if (over) {
            throw new CommandFailure("the cluster was ended while it started");
        }
        boolean taken = attempt.get();
        if (taken) {
            slot = Optional.of(wanted);
        }
        return taken;
    }

    /** Ends the cluster and returns when nothing of it is left; what comes after the first time does nothing. */
    void end() {
        // The lock between programs is taken before the one between threads, as it is where a slot is taken.
        Slot.changing(cache, () -> {
            endHeld();
            return true;
        });
    }

    private synchronized void endHeld() {
        if (over) {
            return;
        }
        over = true;
        enclosure.close();
        slot.ifPresent(taken -> {
            // It would go with its other end's namespace, too, but some time after the last process in that.
            Command.of(ip.toString(), "link", "delete", taken.hostInterface()).result();
            removeFiles(taken);
            awaitFree(taken);
        });
    }

    /** The thread that was starting the cluster may write a last file while they are removed. */
    private static void removeFiles(Slot slot) {
        try {
            Leftovers.remove(slot);
        } catch (CommandFailure e) {
            Leftovers.remove(slot);
        }
    }

    /** Removes what the ended cluster of a slot leaves, and waits for what the kernel removes in its own time. */
    static void remove(Slot slot) {
        Leftovers.remove(slot);
        awaitFree(slot);
    }

    private static void awaitFree(Slot slot) {
        Await.until("the end of the interface " + slot.hostInterface(), KERNEL, () -> !Network.claimed(slot.number()));
    }

    /** The JVM's end is not the cluster's any more. */
    void forget() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is ending already: the hook is what runs now.
            return;
        }
    }
}
