package dev.larder.operator.cloud;

import com.google.auth.oauth2.AccessToken;
import com.google.auth.oauth2.GoogleCredentials;
import com.google.auth.oauth2.ServiceAccountCredentials;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Access tokens of Google Cloud, good for about an hour, with Google's own library: it knows service accounts' keys, the
 * metadata server that GKE's workload identity answers for, and federation with other clusters.
 */
final class GoogleLogins {

    static final String USER = "oauth2accesstoken";
    /** The narrowest that Artifact Registry takes. */
    private static final String SCOPE = "https://www.googleapis.com/auth/cloud-platform.read-only";

    private static final String NO_IDENTITY =
            "annotate the operator's ServiceAccount with iam.gke.io/gcp-service-account, or name a key in keysSecretRef";

    /** Where the operator's own identity comes from. */
    interface OwnIdentity {
        GoogleCredentials find() throws IOException;
    }

    private final OwnIdentity own;

    GoogleLogins(OwnIdentity own) {
        this.own = own;
    }

    RegistryLogin of(CloudIdentity.Google identity) throws CloudFailure {
        CloudKeys keys = identity.keys();
        String key = keys == null ? "" : keys.get("key.json");
        try {
            AccessToken token = credentials(key, keys).createScoped(SCOPE).refreshAccessToken();
            if (token.getTokenValue() == null || token.getExpirationTime() == null) {
                throw new CloudFailure("Google's answer holds no token; check what answers in place of its servers");
            }
            return new RegistryLogin(
                    USER,
                    new SecretText(token.getTokenValue()),
                    token.getExpirationTime().toInstant());
        } catch (IOException e) {
            throw new CloudFailure(
                    "Google gave no token: " + Redaction.of(String.valueOf(e.getMessage()), key) + "; " + remedy(keys),
                    e);
        } catch (IllegalArgumentException e) {
            throw new CloudFailure("the key of Google cannot be used; " + remedy(keys), e);
        }
    }

    /** A Secret may only hold a service account's key: other kinds of configuration name places to ask and programs to run. */
    private GoogleCredentials credentials(String key, @Nullable CloudKeys keys) throws IOException {
        return keys == null
                ? own.find()
                : ServiceAccountCredentials.fromStream(new ByteArrayInputStream(key.getBytes(StandardCharsets.UTF_8)));
    }

    private static String remedy(@Nullable CloudKeys keys) {
        return keys == null
                ? NO_IDENTITY
                : "check that key.json of Secret " + keys.secret() + " is a key of a service account that still exists";
    }
}
