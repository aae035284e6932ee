package dev.larder.nodecache.http;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits for what listens to begin and to end, never without a limit. */
public final class Listeners {

    private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);
    private static final Duration START_LIMIT = Duration.ofSeconds(10);

    private Listeners() {}

    /**
     * @param what the setting with the address
     * @throws IllegalStateException that names the setting, when it does not listen
     */
    public static void awaitStart(Future<Void> started, String what) throws InterruptedException {
        try {
            await(started, START_LIMIT);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(
                    "cannot listen on " + what + ": " + String.valueOf(e.getMessage())
                            + "; free the address or change it",
                    e);
        }
    }

    /** What has not ended by then goes with the process. */
    public static void awaitEnd(Future<Void> ended, Duration limit) throws InterruptedException {
        try {
            await(ended, limit);
        } catch (ExecutionException | TimeoutException e) {
            LOG.atWarn().addKeyValue("cause", String.valueOf(e)).log("not everything ended in time");
        }
    }

    private static void await(Future<Void> future, Duration limit)
            throws InterruptedException, ExecutionException, TimeoutException {
        future.toCompletionStage().toCompletableFuture().get(limit.toMillis(), TimeUnit.MILLISECONDS);
    }
}
