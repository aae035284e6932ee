package dev.larder.nodecache.upstream;

import dev.larder.nodecache.source.Secret;
import java.time.Duration;
import java.time.Instant;

/** What came of asking for a token. */
sealed interface TokenAnswer {

    /**
     * @param header for Authorization
     * @param since when it was asked for
     */
    record Granted(Secret header, Duration life, Instant since) implements TokenAnswer {}

    /** @param status of the token server: 401 means that the login is wrong, others may mean that it does not go so far */
    record Refused(int status) implements TokenAnswer {}

    /** The token server was not asked, since the login may not go there. */
    record OutOfBounds(String realm) implements TokenAnswer {}
}
