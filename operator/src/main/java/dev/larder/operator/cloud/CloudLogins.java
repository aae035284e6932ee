package dev.larder.operator.cloud;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The logins of all cloud identities: each is got once for everyone who wants it, renewed ahead, and kept until it ends while
 * its cloud gives no other. Guarded by its own lock, which is never held during a request.
 */
public final class CloudLogins {

    private static final int REMEMBERED = 256;
    private static final Logger LOG = LoggerFactory.getLogger(CloudLogins.class);

    /**
     * A login and when it is to be got anew.
     *
     * @param renewal no earlier than half of its life, unless it is short
     */
    public record Held(RegistryLogin login, Instant renewal) {}

    /**
     * What there is of an identity now.
     *
     * @param held null when there never was any, or it has ended
     * @param failure why there is no newer one; empty when none is due
     * @param next when its cloud is asked again
     */
    public record Current(@Nullable Held held, String failure, Instant next) {}

    private record State(@Nullable Held held, int failures, String failure, Instant next) {
        static final State NEW = new State(null, 0, "", Instant.MIN);
    }

    private final LoginSource source;
    private final Clock clock;
    private final Executor threads;
    private final Duration patience;
    private final RenewalPolicy policy;
    private final Map<CloudIdentity, State> states = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<CloudIdentity, State> eldest) {
            return size() > REMEMBERED;
        }
    };
    private final Map<CloudIdentity, CompletableFuture<Void>> underWay = new LinkedHashMap<>();

    /**
     * @param patience how long {@link #current} waits for the clouds; what takes longer is there the next time
     * @param random from 0 to 1, for jitter
     */
    public CloudLogins(LoginSource source, Clock clock, Executor threads, Duration patience, DoubleSupplier random) {
        this.source = source;
        this.clock = clock;
        this.threads = threads;
        this.patience = patience;
        this.policy = new RenewalPolicy(random);
    }

    /** Takes over what an earlier operator got, unless there is something newer. */
    public synchronized void restore(CloudIdentity identity, Held held) {
        states.putIfAbsent(identity, new State(held, 0, "", held.renewal()));
    }

    /** What there is of each, after those that are due were got, all at once. */
    public Map<CloudIdentity, Current> current(Collection<CloudIdentity> wanted) throws InterruptedException {
        CompletableFuture<?>[] due = wanted.stream()
                .distinct()
                .map(this::getIfDue)
                .filter(Objects::nonNull)
                .toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(due).get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.debug("a cloud has not answered within {}", patience);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a bug in getting cloud logins", e.getCause());
        }
        Map<CloudIdentity, Current> current = new LinkedHashMap<>();
        wanted.forEach(identity -> current.put(identity, view(identity)));
        return current;
    }

    private synchronized @Nullable CompletableFuture<Void> getIfDue(CloudIdentity identity) {
        CompletableFuture<Void> running = underWay.get(identity);
        if (running != null) {
            return running;
        }
        if (states.getOrDefault(identity, State.NEW).next().isAfter(clock.instant())) {
            return null;
        }
        CompletableFuture<Void> started = new CompletableFuture<>();
        underWay.put(identity, started);
        threads.execute(() -> get(identity, started));
        return started;
    }

    private void get(CloudIdentity identity, CompletableFuture<Void> done) {
        try {
            RegistryLogin login = source.obtain(identity);
            if (login.expires().isAfter(clock.instant())) {
                succeeded(identity, login);
            } else {
                failed(
                        identity,
                        "the login it gave ended at " + login.expires().truncatedTo(ChronoUnit.SECONDS)
                                + ": compare the clocks of the operator's node and the cloud");
            }
        } catch (CloudFailure e) {
            failed(identity, e.text());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failed(identity, "interrupted");
        } catch (RuntimeException e) {
            // Its message could hold a secret.
            LOG.warn("getting a login failed with a {}", e.getClass().getName());
            failed(identity, "a bug in the operator: " + e.getClass().getSimpleName() + "; its log says more");
        } finally {
            synchronized (this) {
                underWay.remove(identity);
            }
            done.complete(null);
        }
    }

    private synchronized void succeeded(CloudIdentity identity, RegistryLogin login) {
        Held held = new Held(login, policy.renewal(clock.instant(), login.expires()));
        states.put(identity, new State(held, 0, "", held.renewal()));
    }

    private synchronized void failed(CloudIdentity identity, String why) {
        State before = states.getOrDefault(identity, State.NEW);
        int failures = before.failures() + 1;
        states.put(identity, new State(before.held(), failures, why, policy.retry(clock.instant(), failures)));
    }

    private synchronized Current view(CloudIdentity identity) {
        State state = states.getOrDefault(identity, State.NEW);
        Instant now = clock.instant();
        Held held = state.held() != null && state.held().login().expires().isAfter(now) ? state.held() : null;
        boolean waiting = held == null && state.failure().isEmpty();
        String failure =
                waiting ? "no answer within " + patience.toSeconds() + " s, it is waited for" : state.failure();
        return new Current(held, failure, state.next().isBefore(now) ? now : state.next());
    }
}
