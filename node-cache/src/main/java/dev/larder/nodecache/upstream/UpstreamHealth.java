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

    private volatile State state = State.UNKNOWN;
    private volatile String credentials = "Unknown";
    private volatile String lastError = "";
    private volatile @Nullable Instant lastChecked;
    private final RateLimit rateLimit;

    UpstreamHealth(RateLimit rateLimit) {
        this.rateLimit = rateLimit;
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
        credentials = valid ? "Valid" : "Invalid";
    }

    public State state() {
        return state;
    }

    public String credentials() {
        return credentials;
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
