package dev.larder.nodecache.fake.login;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** A user and a password, or what a registry takes for them. */
public record Login(String user, String password) {

    /** As an Authorization header. */
    public String basic() {
        String both = user + ":" + password;
        return "Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8));
    }

    /** Empty when the header is none of Basic. */
    static Optional<Login> of(String authorization) {
        if (!authorization.startsWith("Basic ")) {
            return Optional.empty();
        }
        String both = new String(Base64.getDecoder().decode(authorization.substring(6)), StandardCharsets.UTF_8);
        int colon = both.indexOf(':');
        return Optional.of(new Login(both.substring(0, colon), both.substring(colon + 1)));
    }

    /** A content for {@code credentialsFile}, as kubectl writes it. */
    public String dockerConfig(String server) {
        String auth = Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
        return "{\"auths\":{\"" + server + "\":{\"auth\":\"" + auth + "\"}}}";
    }
}
