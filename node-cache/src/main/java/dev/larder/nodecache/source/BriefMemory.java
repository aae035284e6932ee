package dev.larder.nodecache.source;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Remembers a bounded number of things, each for a bounded time; those put first go first. Safe for many threads.
 */
public final class BriefMemory<K, V> {

    private final Clock clock;
    private final Duration span;
    private final int capacity;

    /** Guarded by itself. */
    private final LinkedHashMap<K, Entry<V>> entries = new LinkedHashMap<>();

    private record Entry<V>(V value, Instant until) {}

    /** @param span how long, unless it is said with the thing */
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
        put(key, value, clock.instant().plus(span));
    }

    /** Remembers it until then, whatever the usual span is. */
    public void put(K key, V value, Instant until) {
        synchronized (entries) {
            entries.remove(key);
            entries.put(key, new Entry<>(value, until));
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

    public void forgetIf(Predicate<K> which) {
        synchronized (entries) {
            entries.keySet().removeIf(which);
        }
    }

    /** All that is remembered now, those put first first. */
    public Map<K, V> all() {
        Map<K, V> all = new LinkedHashMap<>();
        synchronized (entries) {
            entries.values().removeIf(entry -> !clock.instant().isBefore(entry.until()));
            entries.forEach((key, entry) -> all.put(key, entry.value()));
        }
        return all;
    }
}
