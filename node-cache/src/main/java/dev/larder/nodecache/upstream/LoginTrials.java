package dev.larder.nodecache.upstream;

import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.source.BriefMemory;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.source.Identities;
import dev.larder.nodecache.source.Identity;
import dev.larder.nodecache.source.Secret;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Keeps clients who guess, and pods with an old password, from having an account locked at the upstream: after
 * {@link #FAILURES} wrong logins with one user name in {@link #WINDOW}, no login with that name is shown there that was not
 * right before ({@link #KNOWN_FOR}). A login that is not known to be right is shown by one request at a time; the others
 * with the same one wait for what comes of it. Safe for many threads.
 */
final class LoginTrials {

    /** Registries and directories that lock accounts do so after five to ten. */
    static final int FAILURES = 3;

    /** With a user name that stands for no account, since its password alone says who it is. */
    static final int FAILURES_WITH_TOKENS = 30;

    static final Duration WINDOW = Duration.ofMinutes(15);
    private static final Duration KNOWN_FOR = Duration.ofHours(24);
    private static final int CAPACITY = 4096;

    /** What ECR, Artifact Registry and ACR have their tokens shown with. */
    private static final Set<String> NO_ACCOUNTS = Set.of(
            "AWS",
            "oauth2accesstoken",
            "_json_key",
            "_json_key_base64",
            "_dcgcloud_token",
            "00000000-0000-0000-0000-000000000000");

    private final String host;
    private final Clock clock;
    private final Identities identities;
    private final BriefMemory<Identity, Boolean> right;
    private final ConcurrentHashMap<Identity, CompletableFuture<Void>> running = new ConcurrentHashMap<>();

    /** By user name, hashed since it may be long. Guarded by itself. */
    private final BriefMemory<Identity, Failures> failures;

    /** Guarded by {@link #failures}. */
    private static final class Failures {
        private final ArrayDeque<Instant> at = new ArrayDeque<>();
        private int running;
    }

    /** @param host of the upstream, for messages */
    LoginTrials(String host, Identities identities, Clock clock) {
        this.host = host;
        this.clock = clock;
        this.identities = identities;
        this.right = new BriefMemory<>(clock, KNOWN_FOR, CAPACITY);
        this.failures = new BriefMemory<>(clock, WINDOW, CAPACITY);
    }

    /** A login that is about to be shown; to be closed when that is over. */
    final class Trial implements AutoCloseable {

        private final Login login;
        private final @Nullable CompletableFuture<Void> alone;
        private boolean counted;

        private Trial(Login login, @Nullable CompletableFuture<Void> alone) {
            this.login = login;
            this.alone = alone;
        }

        /** @throws UpstreamFailure when too many with this user name were wrong */
        void begin() {
            if (alone != null) {
                count(login.user());
                counted = true;
            }
        }

        void wasRight() {
            right.put(login.identity(), true);
        }

        void wasWrong() {
            LoginTrials.this.wasWrong(login);
        }

        /** It was not let in, perhaps for want of permission; that counts as long as it has never been. */
        void openedNothing() {
            if (alone != null) {
                LoginTrials.this.wasWrong(login);
            }
        }

        /** More than once does no harm. */
        @Override
        public void close() {
            if (counted) {
                counted = false;
                uncount(login.user());
            }
            if (alone != null) {
                running.remove(login.identity(), alone);
                alone.complete(null);
            }
        }
    }

    /** Waits until nobody else is trying the same login. */
    Trial of(Login login, Deadline deadline) throws InterruptedException {
        CompletableFuture<Void> mine = new CompletableFuture<>();
        while (right.find(login.identity()).isEmpty()) {
            CompletableFuture<Void> other = running.putIfAbsent(login.identity(), mine);
            if (other == null) {
                return new Trial(login, mine);
            }
            await(other, deadline);
        }
        return new Trial(login, null);
    }

    /** The upstream refused it, as a login. */
    void wasWrong(Login login) {
        right.forget(login.identity());
        synchronized (failures) {
            of(login.user()).at.add(clock.instant());
        }
    }

    private void await(CompletableFuture<Void> other, Deadline deadline) throws InterruptedException {
        try {
            other.get(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new UpstreamFailure(
                    UpstreamFailure.Kind.TIMEOUT, host, "no answer from " + host + " in time to a login", null, e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("it is only ever completed", e);
        }
    }

    private void count(String user) {
        int limit = NO_ACCOUNTS.contains(user) ? FAILURES_WITH_TOKENS : FAILURES;
        synchronized (failures) {
            Failures of = of(user);
            if (of.at.size() + of.running >= limit) {
                throw new UpstreamFailure(
                        UpstreamFailure.Kind.THROTTLED,
                        host,
                        host + " refused several logins with this user name; to keep the account from being locked,"
                                + " no other is tried for up to " + WINDOW.toMinutes()
                                + " min. Correct the pull secrets that have a wrong password");
            }
            of.running++;
        }
    }

    private void uncount(String user) {
        synchronized (failures) {
            Failures of = of(user);
            of.running = Math.max(0, of.running - 1);
        }
    }

    private Failures of(String user) {
        Identity name = identities.of(new Secret("user name " + user));
        Failures of = failures.find(name).orElseGet(Failures::new);
        Instant past = clock.instant().minus(WINDOW);
        of.at.removeIf(at -> !at.isAfter(past));
        failures.put(name, of);
        return of;
    }
}
