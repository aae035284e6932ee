package dev.larder.nodecache.registry;

import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.oci.RepositoryName;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Optional;

/**
 * Whose tokens an upstream takes, learnt from tokens that it took: containerd gets new ones for every pull, and what an
 * upstream would look at, the signature and what it is for, can be looked at here. An issuer is believed about the
 * repository whose token was taken only: an upstream may take any token for what it has opened to everyone. Safe for many
 * threads.
 */
final class TokenIssuers {

    /** How long an issuer is believed after the upstream last took a token of it that was asked about. */
    static final Duration BELIEVED = Duration.ofHours(24);

    static final int CAPACITY = 1024;

    private final Clock clock;

    /** Guarded by itself; the one learnt first goes first. */
    private final LinkedHashMap<At, Believed> issuers = new LinkedHashMap<>();

    private record At(RepositoryKey repository, SignedToken.Issuer issuer) {}

    private record Believed(PublicKey key, Instant until) {}

    TokenIssuers(Clock clock) {
        this.clock = clock;
    }

    /** The upstream took this token, and does not give the repository to everyone. */
    void took(RepositoryKey repository, SignedToken token) {
        try {
            PublicKey key = token.by().key();
            if (token.pulls().isEmpty() || !token.isSignedWith(key)) {
                return;
            }
            At at = new At(repository, token.by());
            synchronized (issuers) {
                issuers.remove(at);
                issuers.put(at, new Believed(key, clock.instant().plus(BELIEVED)));
                if (issuers.size() > CAPACITY) {
                    issuers.pollFirstEntry();
                }
            }
        } catch (GeneralSecurityException | IllegalArgumentException noCertificate) {
            // Then the upstream is asked about each of its tokens.
            return;
        }
    }

    /** The upstream refused this token. If it would have been let in here, the upstream looks at more, and is asked again. */
    void refused(RepositoryKey repository, SignedToken token) {
        if (wouldTake(repository, repository.repository(), token)) {
            synchronized (issuers) {
                issuers.remove(new At(repository, token.by()));
            }
        }
    }

    /** Whether the upstream would take this token for the repository, which tokens call {@code name}. */
    boolean wouldTake(RepositoryKey repository, RepositoryName name, SignedToken token) {
        Instant now = clock.instant();
        return token.opens(name, now)
                && believed(new At(repository, token.by()), now)
                        .filter(token::isSignedWith)
                        .isPresent();
    }

    private Optional<PublicKey> believed(At at, Instant now) {
        synchronized (issuers) {
            return Optional.ofNullable(issuers.get(at))
                    .filter(believed -> now.isBefore(believed.until))
                    .map(Believed::key);
        }
    }
}
