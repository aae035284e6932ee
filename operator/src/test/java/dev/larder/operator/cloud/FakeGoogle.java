package dev.larder.operator.cloud;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Base64;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Google's token server for service accounts' keys (developers.google.com/identity/protocols/oauth2/service-account: an RS256
 * JSON web token as grant, whose audience is always Google's) and the metadata server
 * (docs.cloud.google.com/compute/docs/access/authenticate-workloads).
 */
final class FakeGoogle extends FakeCloud {

    static final String ACCOUNT = "larder@project.iam.gserviceaccount.com";
    static final String TOKEN = "ya29.token-" + MARK;
    private static final String GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    private static final String SCOPE = "https://www.googleapis.com/auth/cloud-platform.read-only";
    private static final Pattern EXPIRY = Pattern.compile("\"exp\":(\\d+)");

    private final KeyPair pair;
    volatile int expiresIn = 3599;

    FakeGoogle() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            pair = generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A key of the service account, as Google's console gives it. */
    String keyJson() {
        String pem = "-----BEGIN PRIVATE KEY-----\\n"
                + Base64.getEncoder().encodeToString(pair.getPrivate().getEncoded())
                + "\\n-----END PRIVATE KEY-----\\n";
        return """
                {"type": "service_account", "project_id": "project", "private_key_id": "key-1", "private_key": "%s",
                 "client_email": "%s", "client_id": "1", "token_uri": "%s/token"}
                """.formatted(pem, ACCOUNT, url());
    }

    @Override
    Reply answer(Asked request) {
        String path = request.uri().getPath();
        if (path.equals("/computeMetadata/v1/instance/service-accounts/default/token")) {
            return request.header("metadata-flavor").equals("Google")
                    ? token()
                    : new Reply(403, "text/html", "Missing Metadata-Flavor:Google header.");
        }
        Map<String, String> form = request.form();
        if (path.equals("/token") && GRANT.equals(form.get("grant_type"))) {
            return accepts(form.getOrDefault("assertion", "")) ? token() : invalidGrant("Invalid JWT Signature.");
        }
        return new Reply(404, "text/html", "");
    }

    private Reply token() {
        return Reply.json(
                200, "{\"access_token\":\"" + TOKEN + "\",\"expires_in\":" + expiresIn + ",\"token_type\":\"Bearer\"}");
    }

    static Reply invalidGrant(String why) {
        return Reply.json(400, "{\"error\":\"invalid_grant\",\"error_description\":\"" + why + "\"}");
    }

    private boolean accepts(String assertion) {
        String[] parts = assertion.split("\\.", -1);
        if (parts.length != 3) {
            return false;
        }
        try {
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initVerify(pair.getPublic());
            signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
            String claims =
                    new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8).replace("\\/", "/");
            Matcher expiry = EXPIRY.matcher(claims);
            return signature.verify(Base64.getUrlDecoder().decode(parts[2]))
                    && claims.contains("\"iss\":\"" + ACCOUNT + "\"")
                    && claims.contains("\"aud\":\"https://oauth2.googleapis.com/token\"")
                    && claims.contains(SCOPE)
                    && expiry.find()
                    && Long.parseLong(expiry.group(1)) > System.currentTimeMillis() / 1000;
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false;
        }
    }
}
