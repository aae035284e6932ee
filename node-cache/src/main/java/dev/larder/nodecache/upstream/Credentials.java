package dev.larder.nodecache.upstream;

import dev.larder.nodecache.source.Identities;
import dev.larder.nodecache.source.Secret;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An operator-given login, read anew whenever it is needed, since a mounted Secret may change: a file or folder with
 * {@code .dockerconfigjson}, or a folder with {@code username} and {@code password}.
 *
 * @param host as in the upstream's url
 * @param registry as in image names
 */
record Credentials(Path place, String host, String registry, Identities identities) {

    private static final Logger LOG = LoggerFactory.getLogger(Credentials.class);

    /** Empty when there is none for this host. */
    Optional<Login> read() {
        try {
            if (!Files.isDirectory(place)) {
                return fromDockerConfig(Files.readString(place));
            }
            for (String name : List.of(".dockerconfigjson", "config.json")) {
                if (Files.exists(place.resolve(name))) {
                    return fromDockerConfig(Files.readString(place.resolve(name)));
                }
            }
            String user = Files.readString(place.resolve("username")).strip();
            String password = Files.readString(place.resolve("password")).strip();
            return Optional.of(login(user, password, false));
        } catch (IOException | DecodeException | ClassCastException | IllegalArgumentException e) {
            // The message of a parse error could quote the secret.
            LOG.atWarn()
                    .addKeyValue("credentialsFile", place)
                    .addKeyValue("cause", e.getClass().getSimpleName())
                    .log("credentials cannot be read; expected .dockerconfigjson, or username and password");
            return Optional.empty();
        }
    }

    /** The host's own entry before one that has the registry's name: several upstreams may share the file. */
    private Optional<Login> fromDockerConfig(String text) {
        JsonObject auths = object(JsonText.object(text), "auths");
        return find(auths, host::equals).or(() -> find(auths, this::isRegistry)).map(this::login);
    }

    private boolean isRegistry(String named) {
        return named.equals(registry) || ("docker.io".equals(registry) && "index.docker.io".equals(named));
    }

    private static Optional<JsonObject> find(JsonObject auths, Predicate<String> which) {
        return auths.fieldNames().stream()
                .filter(key -> which.test(key.replaceFirst("^https?://", "").replaceFirst("/.*$", "")))
                .map(key -> object(auths, key))
                .findFirst();
    }

    /** Null says nothing, as in the programs that write such files. */
    private static JsonObject object(JsonObject in, String name) {
        return Objects.requireNonNullElseGet(in.getJsonObject(name), JsonObject::new);
    }

    private static String text(JsonObject in, String name) {
        return Objects.requireNonNullElse(in.getString(name), "");
    }

    private Login login(JsonObject entry) {
        String user = text(entry, "username");
        String password = text(entry, "password");
        // As docker's own helpers write it, a base64 line that may be folded.
        byte[] both = Base64.getMimeDecoder().decode(text(entry, "auth"));
        String auth = new String(both, StandardCharsets.UTF_8);
        if (auth.indexOf(':') >= 0) {
            user = auth.substring(0, auth.indexOf(':'));
            password = auth.substring(auth.indexOf(':') + 1);
        }
        String refresh = text(entry, "identitytoken");
        return refresh.isEmpty() ? login(user, password, false) : login(user, refresh, true);
    }

    private Login login(String user, String secret, boolean refresh) {
        Secret whole = new Secret((refresh ? "refresh token " : "password ") + user + ":" + secret);
        return new Login(identities.of(whole), user, new Secret(secret), refresh);
    }
}
