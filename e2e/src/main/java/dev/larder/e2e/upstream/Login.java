package dev.larder.e2e.upstream;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** A name and a password, made up for a test. */
public record Login(String user, String password) {
    private static final String BASIC = "Basic ";

    /** The value of an Authorization header (RFC 7617). */
    public String basic() {
        return BASIC + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    static Optional<Login> of(String authorization) {
        if (!authorization.startsWith(BASIC)) {
            return Optional.empty();
        }
        String pair =
                new String(Base64.getDecoder().decode(authorization.substring(BASIC.length())), StandardCharsets.UTF_8);
        int colon = pair.indexOf(':');
        return Optional.of(new Login(pair.substring(0, colon), pair.substring(colon + 1)));
    }
}
