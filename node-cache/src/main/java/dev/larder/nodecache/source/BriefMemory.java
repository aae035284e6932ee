package dev.larder.nodecache.source;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Optional;

/** Remembers a bounded number of things for a bounded time; the oldest go first. Safe for many threads. */
public final class BriefMemory<K, V> {

    private final Clock clock;
    private final Duration span;
    private final int capacity;

    /** Guarded by itself. */
    private final LinkedHashMap<K, Entry<V>> entries = new LinkedHashMap<>();

    private record Entry<V>(V value, Instant until) {}

    public BriefMemory(Clock clock, Duration span, int capacity) {
        this.clock = clock;
        this.span = span;
        this.capacity = capacity;
    }

    public Optional<V> find(K key) {
        synchronized (entries) {
            Entry<V> entry = entries.get(key);
            if (entry == null) {
                return Optional.empty();
            }
            if (clock.instant().isBefore(entry.until())) {
                return Optional.of(entry.value());
            }
            entries.remove(key);
            return Optional.empty();
        }
    }

    public void put(K key, V value) {
        synchronized (entries) {
            entries.remove(key);
            entries.put(key, new Entry<>(value, clock.instant().plus(span)));
            if (entries.size() > capacity) {
                entries.pollFirstEntry();
            }
        }
    }

    public void forget(K key) {
        synchronized (entries) {
            entries.remove(key);
        }
    }
}
