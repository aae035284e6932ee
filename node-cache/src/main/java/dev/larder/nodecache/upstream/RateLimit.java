package dev.larder.nodecache.upstream;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What one upstream lets us ask for, as far as it has said: by {@code ratelimit-limit} and {@code ratelimit-remaining}
 * (Docker Hub: {@code 100;w=21600}, pulls of manifests in so many seconds), and by 429 with or without {@code Retry-After}
 * (RFC 9110 section 10.2.3, RFC 6585 section 4). Asking on meanwhile would only lengthen the refusal, or spend what pods
 * that start now may need. A share of the limit is kept in reserve for callers with nothing to fall back on. Safe for many
 * threads.
 */
final class RateLimit {

    private static final Pattern COUNT = Pattern.compile("\\s*(\\d{1,9})\\s*(?:;\\s*w=(\\d{1,9})\\s*)?");
    private static final Pattern SECONDS = Pattern.compile("\\s*(\\d{1,9})\\s*");
    /** After 429 that does not say when. */
    private static final Duration SHORT = Duration.ofSeconds(5);
    /** However long an upstream wants to be left alone: it may have changed its mind. */
    private static final Duration LONGEST = Duration.ofMinutes(15);

    /** For how long a count that names no window is believed. */
    private static final Duration BELIEVED = Duration.ofMinutes(1);

    private final Clock clock;
    private final int reservePercent;

    // Guarded by this.
    private final Map<Kind, Instant> closedUntil = new EnumMap<>(Kind.class);
    private long remaining = -1;
    private long limit = -1;
    private long windowSeconds;
    private Instant toldAt = Instant.MIN;

    /** What is counted together: Docker Hub counts manifests, and lets the blobs of those through. */
    enum Kind {
        MANIFEST,
        OTHER
    }

    /** @param reservePercent of the limit; 0 keeps nothing back */
    RateLimit(Clock clock, int reservePercent) {
        this.clock = clock;
        this.reservePercent = reservePercent;
    }

    /** When the upstream may be asked again, if not now. */
    synchronized Optional<Instant> closedUntil(Kind kind) {
        Instant until = closedUntil.getOrDefault(kind, Instant.MIN);
        return clock.instant().isBefore(until) ? Optional.of(until) : Optional.empty();
    }

    /** As the upstream last said. */
    synchronized OptionalLong remaining() {
        return remaining < 0 ? OptionalLong.empty() : OptionalLong.of(remaining);
    }

    /** As the upstream last said. */
    synchronized OptionalLong limit() {
        return limit < 0 ? OptionalLong.empty() : OptionalLong.of(limit);
    }

    /**
     * Whether a caller that can do without had better not ask, since what is left is the reserve.
     *
     * @param isHead Docker Hub, which names its window, does not count those; another may
     */
    synchronized boolean keeps(boolean isHead) {
        if (limit <= 0 || remaining < 0 || (isHead && windowSeconds > 0)) {
            return false;
        }
        long age = Math.max(0, Duration.between(toldAt, clock.instant()).toSeconds());
        if (windowSeconds == 0 && age >= BELIEVED.toSeconds()) {
            return false;
        }
        // Nothing says when the window moves on: it is taken to give its share each second.
        double regained = windowSeconds == 0 ? 0 : (double) limit * age / windowSeconds;
        return remaining + regained < limit * (reservePercent / 100.0);
    }

    /** @param headers of an answer, names in lower case */
    void saw(Kind kind, int status, Map<String, String> headers) {
        count(headers.getOrDefault("ratelimit-remaining", ""), headers.getOrDefault("ratelimit-limit", ""));
        if (status == 429) {
            close(kind, retryAfter(headers.getOrDefault("retry-after", "")));
        }
    }

    private synchronized void count(String left, String of) {
        Matcher now = COUNT.matcher(left);
        if (!now.matches()) {
            return;
        }
        remaining = Long.parseLong(now.group(1));
        toldAt = clock.instant();
        windowSeconds = now.group(2) == null ? 0 : Long.parseLong(now.group(2));
        Matcher whole = COUNT.matcher(of);
        limit = whole.matches() ? Long.parseLong(whole.group(1)) : -1;
        if (remaining == 0) {
            close(Kind.MANIFEST, untilOneMore());
        }
    }

    /** The window's share of one request, since no header says when the window moves on. */
    private Duration untilOneMore() {
        return windowSeconds == 0 || limit < 0 ? SHORT : Duration.ofSeconds(windowSeconds / Math.max(1, limit));
    }

    /** Seconds or a date. */
    private Duration retryAfter(String header) {
        Matcher seconds = SECONDS.matcher(header);
        if (seconds.matches()) {
            return Duration.ofSeconds(Long.parseLong(seconds.group(1)));
        }
        try {
            Instant date = ZonedDateTime.parse(header.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            return Duration.between(clock.instant(), date);
        } catch (DateTimeException e) {
            return SHORT;
        }
    }

    private synchronized void close(Kind kind, Duration wait) {
        Duration bounded = wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
        closedUntil.put(kind, clock.instant().plus(bounded));
    }
}
