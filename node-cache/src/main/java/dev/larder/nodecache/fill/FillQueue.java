package dev.larder.nodecache.fill;

import dev.larder.nodecache.error.Overloaded;
import dev.larder.nodecache.oci.RegistryHost;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.source.Deadline;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets so many fills run at once, in all and for each registry. The others wait, and repositories take turns: an image of a
 * hundred layers does not keep one of two layers waiting, and a registry at its bound holds up no other. One that could not
 * begin in time anyway, as far as the fills before it tell, is refused at once, so that the client goes on elsewhere. Safe
 * for many threads.
 */
final class FillQueue {

    private static final int MAX_WAITING = 1024;
    /** How much the latest fill counts in the usual duration: one in so many. */
    private static final int MEMORY = 8;

    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();

    // Everything below is guarded by lock.
    private Limits limits;
    private final LinkedHashMap<RepositoryKey, ArrayDeque<Waiter>> waiting = new LinkedHashMap<>();
    private final Map<RegistryHost, Load> loads = new HashMap<>();
    private final Load all = new Load();
    private int inLine;

    /** @param perRegistry which is per upstream, since a registry's fills go to one of its upstreams at a time */
    record Limits(int total, int perRegistry) {}

    /** What runs, in all or of one registry. */
    private static final class Load {
        /** When each that runs began, but for slow ones; in no order. */
        final List<Instant> running = new ArrayList<>();

        /** Those that run and are held to a rate. They tell nothing of how long the others take. */
        int slow;

        Duration latest = Duration.ZERO;

        int places() {
            return running.size() + slow;
        }

        boolean hasPlace(int limit) {
            return places() < limit;
        }

        void began(Waiter waiter) {
            if (waiter.slow) {
                slow++;
            } else {
                running.add(waiter.began);
            }
        }

        void ended(Waiter waiter, Instant now) {
            if (waiter.slow) {
                slow--;
                return;
            }
            running.remove(waiter.began);
            Duration took = Duration.between(waiter.began, now);
            latest = latest.isZero() ? took : latest.plus(took.minus(latest).dividedBy(MEMORY));
        }

        /** How long a place is held: as the latest ones were, or longer when those that run have been at it for longer. */
        Duration usual(Instant now) {
            Duration sum = Duration.ZERO;
            for (Instant began : running) {
                sum = sum.plus(Duration.between(began, now));
            }
            Duration soFar = running.isEmpty() ? Duration.ZERO : sum.dividedBy(running.size());
            return soFar.compareTo(latest) > 0 ? soFar : latest;
        }

        /** How long until this one has a place: so many go first, and share the places that are not held for long. */
        Duration wait(int ahead, int limit, Instant now) {
            return usual(now).multipliedBy(ahead + 1L).dividedBy(Math.max(1, limit - slow));
        }
    }

    private static final class Waiter {
        final Condition granted;
        final boolean slow;
        boolean mayRun;
        Instant began = Instant.MIN;

        Waiter(Condition granted, boolean slow) {
            this.granted = granted;
            this.slow = slow;
        }
    }

    /** The right to run, until it is closed. */
    interface Place extends AutoCloseable {
        @Override
        void close();
    }

    FillQueue(Clock clock, Limits limits) {
        this.clock = clock;
        this.limits = limits;
    }

    void limits(Limits next) {
        lock.lock();
        try {
            limits = next;
            grant();
        } finally {
            lock.unlock();
        }
    }

    int running() {
        return counted(all::places);
    }

    int waiting() {
        return counted(() -> inLine);
    }

    private int counted(java.util.function.IntSupplier count) {
        lock.lock();
        try {
            return count.getAsInt();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for a place; the caller closes it.
     *
     * @param slow whether the fill is held to a rate
     * @throws Overloaded at once when the wait would be longer than the deadline, or when it turned out to be
     */
    Place enter(RepositoryKey repository, boolean slow, Deadline deadline) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            Load load = loads.computeIfAbsent(repository.registry(), r -> new Load());
            if (inLine >= MAX_WAITING || expectedWait(repository, load).compareTo(deadline.remaining()) > 0) {
                throw overloaded(load);
            }
            Waiter me = new Waiter(lock.newCondition(), slow);
            waiting.computeIfAbsent(repository, r -> new ArrayDeque<>()).add(me);
            inLine++;
            grant();
            await(me, repository, load, deadline);
            return place(load, me);
        } finally {
            lock.unlock();
        }
    }

    private void await(Waiter me, RepositoryKey repository, Load load, Deadline deadline) throws InterruptedException {
        boolean inTime = true;
        try {
            while (!me.mayRun && inTime) {
                inTime = me.granted.await(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS);
            }
        } finally {
            if (!me.mayRun) {
                leave(me, repository);
            }
        }
        if (!me.mayRun) {
            throw overloaded(load);
        }
    }

    private void leave(Waiter me, RepositoryKey repository) {
        inLine--;
        waiting.computeIfPresent(repository, (r, line) -> {
            line.remove(me);
            return line.isEmpty() ? null : line;
        });
    }

    private Place place(Load load, Waiter me) {
        boolean[] left = new boolean[1];
        return () -> {
            lock.lock();
            try {
                if (!left[0]) {
                    left[0] = true;
                    Instant now = clock.instant();
                    all.ended(me, now);
                    load.ended(me, now);
                    grant();
                }
            } finally {
                lock.unlock();
            }
        };
    }

    /** Gives free places away: the repository that has waited longest for its turn first, then it goes to the end. */
    private void grant() {
        while (all.hasPlace(limits.total()) && grantOne()) {
            // One more each time.
        }
    }

    private boolean grantOne() {
        for (Iterator<Map.Entry<RepositoryKey, ArrayDeque<Waiter>>> turns =
                        waiting.entrySet().iterator();
                turns.hasNext(); ) {
            Map.Entry<RepositoryKey, ArrayDeque<Waiter>> turn = turns.next();
            RepositoryKey repository = turn.getKey();
            ArrayDeque<Waiter> line = turn.getValue();
            Load load = loads.computeIfAbsent(repository.registry(), r -> new Load());
            if (load.hasPlace(limits.perRegistry())) {
                Waiter next = line.remove();
                turns.remove();
                if (!line.isEmpty()) {
                    waiting.put(repository, line);
                }
                inLine--;
                next.mayRun = true;
                next.began = clock.instant();
                all.began(next);
                load.began(next);
                next.granted.signal();
                return true;
            }
        }
        return false;
    }

    /** By how many go first until this one's turn, how many run at once, and how long the registry's fills take. */
    private Duration expectedWait(RepositoryKey repository, Load load) {
        if (all.hasPlace(limits.total()) && load.hasPlace(limits.perRegistry())) {
            // Whoever waits nevertheless is of a registry at its bound: free places have been given away.
            return Duration.ZERO;
        }
        Instant now = clock.instant();
        ArrayDeque<Waiter> own = waiting.get(repository);
        int turn = own == null ? 1 : own.size() + 1;
        int ahead = 0;
        int aheadHere = 0;
        for (Map.Entry<RepositoryKey, ArrayDeque<Waiter>> line : waiting.entrySet()) {
            int before = Math.min(line.getValue().size(), turn);
            ahead += before;
            aheadHere += line.getKey().registry().equals(repository.registry()) ? before : 0;
        }
        Duration byAll = all.wait(ahead, limits.total(), now);
        Duration byRegistry = load.wait(aheadHere, limits.perRegistry(), now);
        return !load.hasPlace(limits.perRegistry()) && byRegistry.compareTo(byAll) > 0 ? byRegistry : byAll;
    }

    private Overloaded overloaded(Load load) {
        return !load.hasPlace(limits.perRegistry())
                ? new Overloaded("limits.fillsPerUpstream", limits.perRegistry())
                : new Overloaded("limits.fills", limits.total());
    }
}
