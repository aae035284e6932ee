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
    private volatile long rateLimitRemaining = -1;

    void answered(Instant now) {
        state = State.UP;
        lastError = "";
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

    /** @param header as Docker Hub sends it, {@code 20;w=21600} */
    void rateLimit(String header) {
        String count = header.split(";", 2)[0].trim();
        if (count.matches("\\d{1,9}")) {
            rateLimitRemaining = Long.parseLong(count);
        }
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

    public OptionalLong rateLimitRemaining() {
        return rateLimitRemaining < 0 ? OptionalLong.empty() : OptionalLong.of(rateLimitRemaining);
    }
}
