package dev.larder.nodecache.upstream;

import dev.larder.nodecache.source.Secret;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Who the operator says we are.
 *
 * @param secret a password, or a refresh token, which only a token server takes
 * @param refresh whether it is a refresh token ({@code identitytoken} of a docker config)
 */
record Login(String user, Secret secret, boolean refresh) {

    /** As an Authorization header. */
    Secret basic() {
        String both = user + ":" + secret.reveal();
        return new Secret("Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8)));
    }
}
