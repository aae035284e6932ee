package dev.larder.operator.mirroredimage;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;

/**
 * What goes on beside the reconciles, which must not wait for registries: a few tasks at once, one for a resource. A result is
 * taken once. Thread-safe.
 *
 * @param <R> what a task comes to
 */
final class RunningTasks<R> {

    private final ExecutorService threads;
    private final Semaphore places;
    private final Map<String, Future<R>> running = new ConcurrentHashMap<>();

    /** @param threads one virtual thread a task */
    RunningTasks(ExecutorService threads, int atOnce) {
        this.threads = threads;
        this.places = new Semaphore(atOnce);
    }

    interface Task<R> {
        R run() throws InterruptedException;
    }

    /**
     * Starts it unless one runs for the resource.
     *
     * @param ended run once the result can be taken, not when it was forgotten
     */
    void start(String uid, Task<R> task, Runnable ended) {
        running.computeIfAbsent(uid, key -> {
            Placed started = new Placed(task, ended);
            threads.execute(started);
            return started;
        });
    }

    private final class Placed extends FutureTask<R> {
        private final Runnable ended;

        Placed(Task<R> task, Runnable ended) {
            super(() -> {
                places.acquire();
                try {
                    return task.run();
                } finally {
                    places.release();
                }
            });
            this.ended = ended;
        }

        @Override
        protected void done() {
            if (!isCancelled()) {
                ended.run();
            }
        }
    }

    boolean isRunning(String uid) {
        return running.containsKey(uid);
    }

    /** The result once it is there. @throws IllegalStateException when it ended by a bug */
    Optional<R> take(String uid) {
        Future<R> future = running.get(uid);
        if (future == null || !future.isDone()) {
            return Optional.empty();
        }
        running.remove(uid, future);
        return switch (future.state()) {
            case SUCCESS -> Optional.of(future.resultNow());
            case FAILED ->
                throw new IllegalStateException("a task beside the reconciles failed", future.exceptionNow());
            default -> Optional.empty();
        };
    }

    void forget(String uid) {
        Future<R> future = running.remove(uid);
        if (future != null) {
            future.cancel(true);
        }
    }
}
