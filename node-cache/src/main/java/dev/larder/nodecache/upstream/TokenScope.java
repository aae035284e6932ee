package dev.larder.nodecache.upstream;

import dev.larder.nodecache.source.Identity;
import java.time.Duration;
import java.util.Optional;

/**
 * What a token is for, and for whom.
 *
 * @param inside whether the upstream that names the token server is inside this node
 * @param realm the token server's address, as the challenge has it
 * @param scope one or several with spaces between; taken as it comes: ECR Public's is {@code aws}
 * @param who empty for nobody
 * @param longest how long it may be kept, whatever its own life is
 */
record TokenScope(
        boolean inside, String realm, String service, String scope, Optional<Identity> who, Duration longest) {

    @Override
    public String toString() {
        return "a token for " + scope;
    }
}
