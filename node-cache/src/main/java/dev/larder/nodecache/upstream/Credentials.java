package dev.larder.nodecache.upstream;

import dev.larder.nodecache.source.Secret;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An operator-given login, read anew whenever it is needed, since a mounted Secret may change: a file or folder with
 * {@code .dockerconfigjson}, or a folder with {@code username} and {@code password}.
 *
 * @param host as in the upstream's url
 * @param registry as in image names
 */
record Credentials(Path place, String host, String registry) {

    private static final Logger LOG = LoggerFactory.getLogger(Credentials.class);

    /** As a Basic header; empty when there is none for this host. */
    Optional<Secret> basic() {
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
            return Optional.of(header(user + ":" + password));
        } catch (IOException | DecodeException | ClassCastException | IllegalArgumentException e) {
            // The message of a parse error could quote the secret.
            LOG.atWarn()
                    .addKeyValue("credentialsFile", place)
                    .addKeyValue("cause", e.getClass().getSimpleName())
                    .log("credentials cannot be read; expected .dockerconfigjson, or username and password");
            return Optional.empty();
        }
    }

    private Optional<Secret> fromDockerConfig(String text) {
        JsonObject auths = new JsonObject(text).getJsonObject("auths", new JsonObject());
        for (String key : auths.fieldNames()) {
            String named = key.replaceFirst("^https?://", "").replaceFirst("/.*$", "");
            boolean hub = "docker.io".equals(registry) && "index.docker.io".equals(named);
            if (named.equals(host) || named.equals(registry) || hub) {
                JsonObject entry = auths.getJsonObject(key, new JsonObject());
                String auth = entry.getString("auth", "");
                return Optional.of(
                        auth.isEmpty()
                                ? header(entry.getString("username", "") + ":" + entry.getString("password", ""))
                                : new Secret("Basic " + auth.strip()));
            }
        }
        return Optional.empty();
    }

    private static Secret header(String userAndPassword) {
        return new Secret(
                "Basic " + Base64.getEncoder().encodeToString(userAndPassword.getBytes(StandardCharsets.UTF_8)));
    }
}
