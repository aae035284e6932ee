package dev.larder.nodecache.upstream;

import dev.larder.nodecache.source.Identity;
import dev.larder.nodecache.source.Secret;
import dev.larder.nodecache.source.Shown;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * Who somebody says they are: the operator, or a client whose login is exchanged.
 *
 * @param identity by which it is remembered, since the rest is not to be kept
 * @param secret a password, or a refresh token, which only a token server takes
 * @param refresh whether it is a refresh token ({@code identitytoken} of a docker config)
 */
record Login(Identity identity, String user, Secret secret, boolean refresh) {

    /** What a client showed, as user and password (RFC 7617); empty when it is anything else. */
    static Optional<Login> of(Shown shown) {
        if (!shown.isBasic()) {
            return Optional.empty();
        }
        try {
            String coded =
                    shown.authorization().reveal().substring("Basic ".length()).strip();
            String both = new String(Base64.getDecoder().decode(coded), StandardCharsets.UTF_8);
            int colon = both.indexOf(':');
            return colon < 0
                    ? Optional.empty()
                    : Optional.of(new Login(
                            shown.identity(), both.substring(0, colon), new Secret(both.substring(colon + 1)), false));
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
    }

    /** As an Authorization header. */
    Secret basic() {
        String both = user + ":" + secret.reveal();
        return new Secret("Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8)));
    }
}
