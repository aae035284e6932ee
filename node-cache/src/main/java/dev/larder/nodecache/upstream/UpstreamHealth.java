package dev.larder.nodecache.upstream;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** What was last seen of one upstream, for people. */
public final class UpstreamHealth {

    /** Whether it answers. */
    public enum State {
        UNKNOWN("Unknown"),
        UP("Up"),
        DOWN("Down");

        private final String label;

        State(String label) {
            this.label = label;
        }

        @Override
        public String toString() {
            return label;
        }
    }

    /** What {@link #credentials} says of a login that was refused. */
    public static final String INVALID = "Invalid";

    private volatile State state = State.UNKNOWN;
    private volatile Verdict credentials = Verdict.NONE;
    private volatile String lastError = "";
    private volatile @Nullable Instant lastChecked;
    private final RateLimit rateLimit;
    private final MountedFile file;

    /** @param of what the file held when it was passed */
    private record Verdict(String text, String of) {
        static final Verdict NONE = new Verdict("Unknown", "");
    }

    UpstreamHealth(RateLimit rateLimit, MountedFile file) {
        this.rateLimit = rateLimit;
        this.file = file;
    }

    /** @param refusal what it said when it answered that it would not answer, or empty */
    void answered(Instant now, String refusal) {
        state = State.UP;
        lastError = refusal;
        lastChecked = now;
    }

    void failed(Instant now, String error) {
        state = State.DOWN;
        lastError = error;
        lastChecked = now;
    }

    void credentialsValid(boolean valid) {
        credentials = new Verdict(valid ? "Valid" : INVALID, file.stamp());
    }

    public State state() {
        return state;
    }

    /** Valid, Invalid, or Unknown: also when the login that was refused is not the present one. */
    public String credentials() {
        Verdict verdict = credentials;
        boolean over = verdict.text().equals(INVALID) && !verdict.of().equals(file.stamp());
        return over ? Verdict.NONE.text() : verdict.text();
    }

    public String lastError() {
        return lastError;
    }

    public Optional<Instant> lastChecked() {
        return Optional.ofNullable(lastChecked);
    }

    /** How many more requests the upstream allows, if it has ever said so. */
    public OptionalLong rateLimitRemaining() {
        return rateLimit.remaining();
    }

    /** Of how many requests, if the upstream has ever said so. */
    public OptionalLong rateLimitWhole() {
        return rateLimit.limit();
    }

    RateLimit rateLimit() {
        return rateLimit;
    }
}
