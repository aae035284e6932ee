package dev.larder.operator.cloud;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;

/** Clouds that a test plays: each login is another one, good for as long as the test says. */
public final class PlayedSource implements LoginSource {

    /** In every password. */
    public static final String MARK = FakeCloud.MARK;

    private final Clock clock;
    private final List<CloudIdentity> asked = new CopyOnWriteArrayList<>();
    private final Semaphore open = new Semaphore(1_000_000);
    private volatile Duration life = Duration.ofHours(12);
    private volatile String failure = "";

    public PlayedSource(Clock clock) {
        this.clock = clock;
    }

    /** The logins of these clouds, without jitter. */
    public CloudLogins logins(Executor threads, Duration patience) {
        return new CloudLogins(this, clock, threads, patience, () -> 0.5);
    }

    public void lives(Duration duration) {
        life = duration;
    }

    public void failsWith(String message) {
        failure = message;
    }

    public void recovers() {
        failure = "";
    }

    /** From now on nobody gets an answer. */
    void hangs() {
        open.drainPermits();
    }

    void answers() {
        open.release(1000);
    }

    public List<CloudIdentity> asked() {
        return List.copyOf(asked);
    }

    @Override
    public RegistryLogin obtain(CloudIdentity identity) throws CloudFailure, InterruptedException {
        asked.add(identity);
        int number = asked.size();
        open.acquire();
        if (!failure.isEmpty()) {
            throw new CloudFailure(failure);
        }
        return new RegistryLogin(
                "user",
                new SecretText("login-" + number + "-" + MARK),
                clock.instant().plus(life));
    }
}
