package dev.larder.nodecache.source;

import dev.larder.nodecache.error.CacheException;
import dev.larder.nodecache.error.UpstreamFailure;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One call at a time for a key: whoever asks meanwhile gets the same result. The call runs in a thread of its own, so that
 * a caller who leaves does not end it for the others.
 */
public final class SingleFlight<K, V> {

    private final Executor threads;
    private final ConcurrentHashMap<K, CompletableFuture<V>> flights = new ConcurrentHashMap<>();

    public SingleFlight(Executor threads) {
        this.threads = threads;
    }

    /**
     * The running call's result, or that of a new one.
     *
     * @throws UpstreamFailure when the deadline passes first; the call goes on
     */
    public V get(K key, Deadline deadline, Callable<V> call) throws InterruptedException {
        CompletableFuture<V> flight = start(key, call);
        try {
            return flight.get(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new UpstreamFailure(
                    UpstreamFailure.Kind.TIMEOUT, "", "no answer from upstream in time for " + key, null, e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof CacheException failure) {
                throw failure;
            }
            throw new CompletionException(e.getCause());
        }
    }

    /** Starts the call unless it runs; nobody waits for it. */
    public CompletableFuture<V> start(K key, Callable<V> call) {
        CompletableFuture<V> mine = new CompletableFuture<>();
        CompletableFuture<V> flight = flights.computeIfAbsent(key, k -> mine);
        if (flight == mine) {
            threads.execute(() -> run(key, mine, call));
        }
        return flight;
    }

    private void run(K key, CompletableFuture<V> flight, Callable<V> call) {
        try {
            V value = call.call();
            flights.remove(key, flight);
            flight.complete(value);
        } catch (Throwable e) {
            // Handed to whoever waits, whatever it is: else the next ones would wait for nothing.
            flights.remove(key, flight);
            flight.completeExceptionally(e);
        }
    }
}
