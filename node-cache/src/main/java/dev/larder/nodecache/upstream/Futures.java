package dev.larder.nodecache.upstream;

import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.source.Deadline;
import io.vertx.core.Future;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The one bridge from Vert.x futures to a waiting thread. */
final class Futures {

    private Futures() {}

    /** @throws UpstreamFailure when it fails or the deadline passes; the message names only the host */
    static <T> T await(Future<T> future, Deadline deadline, String host) throws InterruptedException {
        try {
            return future.toCompletionStage()
                    .toCompletableFuture()
                    .get(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new UpstreamFailure(UpstreamFailure.Kind.TIMEOUT, host, host + " did not answer in time", null, e);
        } catch (ExecutionException e) {
            throw unreachable(host, e.getCause() == null ? e : e.getCause());
        }
    }

    static UpstreamFailure unreachable(String host, Throwable cause) {
        String reason = cause.getMessage() == null ? cause.getClass().getSimpleName() : firstLine(cause.getMessage());
        return new UpstreamFailure(
                UpstreamFailure.Kind.UNREACHABLE, host, host + " cannot be reached: " + reason, null, cause);
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }
}
