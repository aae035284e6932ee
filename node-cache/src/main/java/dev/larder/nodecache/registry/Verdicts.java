package dev.larder.nodecache.registry;

import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.source.BriefMemory;
import dev.larder.nodecache.source.Caller;
import dev.larder.nodecache.source.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Who was let into which repository by its upstream, for as long as what they showed is good: a token until it expires by
 * its own words (RFC 7519, section 4.1.4), anything else for {@link #UNTIL_ASKED_AGAIN}, nothing longer than {@link #LONGEST}. What
 * was shown is kept as a keyed hash whose key dies with the process. Safe for many threads.
 */
final class Verdicts {

    /** What a token lasts that does not say so, by the distribution token specification. */
    static final Duration UNTIL_ASKED_AGAIN = Duration.ofSeconds(60);
    /** A token that is revoked before it expires opens nothing after this. */
    static final Duration LONGEST = Duration.ofHours(1);

    static final int CAPACITY = 16_384;
    private static final int LONGEST_TOKEN = 16 * 1024;
    private static final String HASH = "HmacSHA256";
    private static final Pattern EXPIRES = Pattern.compile("\"exp\"\\s*:\\s*(\\d{1,12})(?![\\d])");

    private final Clock clock;
    private final SecretKeySpec key;
    private final TokenIssuers issuers;

    /** Guarded by itself; the oldest go first. */
    private final LinkedHashMap<Entry, Instant> admitted = new LinkedHashMap<>();

    private record Entry(RepositoryKey repository, String shown) {}

    /** Repositories that somebody was let into. */
    private final BriefMemory<RepositoryKey, Boolean> lately;

    Verdicts(Clock clock) {
        this.clock = clock;
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        this.key = new SecretKeySpec(random, HASH);
        this.issuers = new TokenIssuers(clock);
        this.lately = new BriefMemory<>(clock, LONGEST, CAPACITY);
    }

    /** Whether the upstream has let this caller into the repository, and need not be asked again yet. */
    boolean admits(RepositoryKey repository, Caller caller) {
        Secret shown = caller.authorization();
        if (shown == null) {
            return false;
        }
        Entry entry = new Entry(repository, hash(shown));
        synchronized (admitted) {
            Instant until = admitted.get(entry);
            if (until == null) {
                return false;
            }
            if (clock.instant().isBefore(until)) {
                return true;
            }
            admitted.remove(entry);
            return false;
        }
    }

    /**
     * Whether the upstream, which has not seen it, would take what the caller shows for this repository: a token as others
     * that it took ({@link TokenIssuers}).
     *
     * @param name of the repository in tokens
     */
    boolean wouldAdmit(RepositoryKey repository, RepositoryName name, Caller caller) {
        Secret shown = caller.authorization();
        Optional<SignedToken> token = shown == null ? Optional.empty() : SignedToken.parse(shown);
        if (shown == null || token.isEmpty() || !issuers.wouldTake(repository, name, token.get())) {
            return false;
        }
        remember(repository, shown);
        return true;
    }

    /** The upstream let the caller in because of what it showed. */
    void admitted(RepositoryKey repository, Caller caller) {
        Secret shown = caller.authorization();
        if (shown == null) {
            return;
        }
        SignedToken.parse(shown).ifPresent(token -> issuers.took(repository, token));
        remember(repository, shown);
    }

    private void remember(RepositoryKey repository, Secret shown) {
        Instant now = clock.instant();
        Instant latest = now.plus(LONGEST);
        Instant until = expiry(shown).orElse(now.plus(UNTIL_ASKED_AGAIN));
        Entry entry = new Entry(repository, hash(shown));
        lately.put(repository, true);
        synchronized (admitted) {
            admitted.remove(entry);
            admitted.put(entry, until.isBefore(latest) ? until : latest);
            if (admitted.size() > CAPACITY) {
                admitted.pollFirstEntry();
            }
        }
    }

    /** Whether somebody was let into the repository within {@link #LONGEST}. */
    boolean anyLately(RepositoryKey repository) {
        return lately.find(repository).isPresent();
    }

    /** The upstream would not let the caller in. */
    void refused(RepositoryKey repository, Caller caller) {
        Secret shown = caller.authorization();
        if (shown != null) {
            SignedToken.parse(shown).ifPresent(token -> issuers.refused(repository, token));
            synchronized (admitted) {
                admitted.remove(new Entry(repository, hash(shown)));
            }
        }
    }

    /** Of a JSON web token, unverified: whoever could forge it would not have been let in. */
    private static Optional<Instant> expiry(Secret shown) {
        String header = shown.reveal();
        String[] parts = header.substring(header.indexOf(' ') + 1).split("\\.", -1);
        if (header.length() > LONGEST_TOKEN || parts.length != 3) {
            return Optional.empty();
        }
        try {
            String claims = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
            Matcher expires = EXPIRES.matcher(claims);
            return expires.find()
                    ? Optional.of(Instant.ofEpochSecond(Long.parseLong(expires.group(1))))
                    : Optional.empty();
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
    }

    private String hash(Secret shown) {
        try {
            Mac mac = Mac.getInstance(HASH);
            mac.init(key);
            return HexFormat.of().formatHex(mac.doFinal(shown.reveal().getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + HASH, e);
        }
    }
}
