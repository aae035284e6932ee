package dev.larder.nodecache.registry;

import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.source.BriefMemory;
import dev.larder.nodecache.source.Caller;
import dev.larder.nodecache.source.Identity;
import dev.larder.nodecache.source.Shown;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Who was let into which repository by its upstream, for as long as what they showed is good: a token until it expires by
 * its own words (RFC 7519, section 4.1.4), anything else for {@link #UNTIL_ASKED_AGAIN}, nothing longer than {@link #LONGEST}. Where
 * the upstream decides for each caller by its own challenge ({@code access: Relay}). Safe for many threads.
 */
final class Verdicts {

    /** What a token lasts that does not say so, by the distribution token specification. */
    static final Duration UNTIL_ASKED_AGAIN = Duration.ofSeconds(60);
    /** A token that is revoked before it expires opens nothing after this. */
    static final Duration LONGEST = Duration.ofHours(1);

    static final int CAPACITY = 16_384;

    private final Clock clock;
    private final TokenIssuers issuers;
    private final BriefMemory<Entry, Boolean> admitted;

    private record Entry(RepositoryKey repository, Identity who) {}

    /** Repositories that somebody was let into. */
    private final BriefMemory<RepositoryKey, Boolean> lately;

    Verdicts(Clock clock) {
        this.clock = clock;
        this.issuers = new TokenIssuers(clock);
        this.admitted = new BriefMemory<>(clock, UNTIL_ASKED_AGAIN, CAPACITY);
        this.lately = new BriefMemory<>(clock, LONGEST, CAPACITY);
    }

    /** Whether the upstream has let this caller into the repository, and need not be asked again yet. */
    boolean admits(RepositoryKey repository, Caller caller) {
        Shown shown = caller.shown();
        return shown != null
                && admitted.find(new Entry(repository, shown.identity())).isPresent();
    }

    /**
     * Whether the upstream, which has not seen it, would take what the caller shows for this repository: a token as others
     * that it took ({@link TokenIssuers}).
     *
     * @param name of the repository in tokens
     */
    boolean wouldAdmit(RepositoryKey repository, RepositoryName name, Caller caller) {
        Shown shown = caller.shown();
        if (shown == null) {
            return false;
        }
        WebToken token = WebToken.parse(shown.authorization());
        boolean would = token.signed()
                .filter(signed -> issuers.wouldTake(repository, name, signed))
                .isPresent();
        if (would) {
            remember(repository, shown, token);
        }
        return would;
    }

    /** The upstream let the caller in because of what it showed. */
    void admitted(RepositoryKey repository, Caller caller) {
        Shown shown = caller.shown();
        if (shown != null) {
            WebToken token = WebToken.parse(shown.authorization());
            token.signed().ifPresent(signed -> issuers.took(repository, signed));
            remember(repository, shown, token);
        }
    }

    private void remember(RepositoryKey repository, Shown shown, WebToken token) {
        Instant now = clock.instant();
        Instant latest = now.plus(LONGEST);
        Instant until = token.until().orElse(now.plus(UNTIL_ASKED_AGAIN));
        admitted.put(new Entry(repository, shown.identity()), true, until.isBefore(latest) ? until : latest);
        lately.put(repository, true);
    }

    /** Whether somebody was let into the repository within {@link #LONGEST}. */
    boolean anyLately(RepositoryKey repository) {
        return lately.find(repository).isPresent();
    }

    /** The upstream would not let the caller in. */
    void refused(RepositoryKey repository, Caller caller) {
        Shown shown = caller.shown();
        if (shown != null) {
            Optional<SignedToken> signed = WebToken.parse(shown.authorization()).signed();
            signed.ifPresent(token -> issuers.refused(repository, token));
            admitted.forget(new Entry(repository, shown.identity()));
        }
    }
}
