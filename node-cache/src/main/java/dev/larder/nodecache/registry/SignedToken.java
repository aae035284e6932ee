package dev.larder.nodecache.registry;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.source.Secret;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A JSON web token as token servers make them for the distribution's registries (its spec/auth/jwt), which says by whom it
 * was signed and what may be pulled with it. What it says is worth nothing until {@link #isSignedWith}.
 *
 * @param pulls the repositories, as the upstream calls them
 */
record SignedToken(Issuer by, Instant from, Instant until, Set<String> pulls, String signed, String signature) {

    private static final int LONGEST = 16 * 1024;
    /** A key of 4,096 bits takes 2,500; what is longer would take memory for nothing. */
    private static final int LONGEST_CERTIFICATE = 4 * 1024;
    /** What the distribution allows clocks to differ; not for the end. */
    private static final Duration CLOCKS = Duration.ofSeconds(60);

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /**
     * Who signs tokens, for whom.
     *
     * @param certificate of its key, as the token has it
     * @param algorithm as the token has it
     */
    record Issuer(String certificate, String algorithm, String name, String audience) {

        /** The key in its certificate, whose own issuer is not looked at. */
        PublicKey key() throws GeneralSecurityException {
            byte[] bytes = Base64.getDecoder().decode(certificate);
            return CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(bytes))
                    .getPublicKey();
        }
    }

    SignedToken {
        pulls = Set.copyOf(pulls);
    }

    /** Empty when the header is anything else, or leaves something out. */
    static Optional<SignedToken> parse(Secret authorization) {
        String header = authorization.reveal();
        String[] parts = header.substring(header.indexOf(' ') + 1).split("\\.", -1);
        if (header.length() > LONGEST || parts.length != 3) {
            return Optional.empty();
        }
        try {
            Said said = new Said();
            said.read(parts[0]);
            said.read(parts[1]);
            return said.token(parts[0] + "." + parts[1], parts[2]);
        } catch (IOException | IllegalArgumentException noToken) {
            return Optional.empty();
        }
    }

    boolean isSignedWith(PublicKey key) {
        String algorithm =
                switch (by.algorithm) {
                    case "RS256" -> "SHA256withRSA";
                    case "ES256" -> "SHA256withECDSAinP1363Format";
                    default -> "";
                };
        if (algorithm.isEmpty()) {
            return false;
        }
        try {
            Signature verifier = Signature.getInstance(algorithm);
            verifier.initVerify(key);
            verifier.update(signed.getBytes(StandardCharsets.US_ASCII));
            return verifier.verify(Base64.getUrlDecoder().decode(signature));
        } catch (GeneralSecurityException | IllegalArgumentException notOfThisKey) {
            return false;
        }
    }

    /** Whether it would let its bearer pull from the repository now. */
    boolean opens(RepositoryName repository, Instant now) {
        return pulls.contains(repository.value())
                && now.isBefore(until)
                && !now.plus(CLOCKS).isBefore(from);
    }

    /** The fields read so far, of the header and the claims alike. */
    private static final class Said {
        private @Nullable String certificate;
        private @Nullable String algorithm;
        private @Nullable String issuer;
        private @Nullable String audience;
        private @Nullable Instant until;
        private Instant from = Instant.EPOCH;
        private final Set<String> pulls = new HashSet<>();

        void read(String part) throws IOException {
            try (JsonParser json = JSON.createParser(Base64.getUrlDecoder().decode(part))) {
                if (json.nextToken() != JsonToken.START_OBJECT) {
                    throw new IOException("no object");
                }
                for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
                    json.nextToken();
                    switch (field) {
                        case "alg" -> algorithm = texts(json).getFirst();
                        case "x5c" -> certificate = texts(json).getFirst();
                        case "iss" -> issuer = texts(json).getFirst();
                        case "aud" -> audience = String.join(" ", texts(json));
                        case "exp" -> until = Instant.ofEpochSecond(seconds(json));
                        case "nbf" -> from = Instant.ofEpochSecond(seconds(json));
                        case "access" -> access(json);
                        // What must be understood and is not (RFC 7515, section 4.1.11).
                        case "crit" -> throw new IOException("more than a token of the distribution's");
                        default -> json.skipChildren();
                    }
                }
            }
        }

        /** A text, or a list with nothing but texts in it, at least one. */
        private static List<String> texts(JsonParser json) throws IOException {
            boolean list = json.currentToken() == JsonToken.START_ARRAY;
            List<String> texts = new ArrayList<>();
            for (JsonToken at = list ? json.nextToken() : json.currentToken();
                    at != JsonToken.END_ARRAY;
                    at = list ? json.nextToken() : JsonToken.END_ARRAY) {
                if (at != JsonToken.VALUE_STRING) {
                    throw new IOException("no text");
                }
                texts.add(json.getText());
            }
            if (texts.isEmpty()) {
                throw new IOException("no text");
            }
            return texts;
        }

        /** A list of {@code {"type": "repository", "name": …, "actions": ["pull"]}}. */
        private void access(JsonParser json) throws IOException {
            if (json.currentToken() == JsonToken.VALUE_NULL) {
                return;
            }
            begin(json);
            while (json.nextToken() == JsonToken.START_OBJECT) {
                String type = "";
                String name = "";
                boolean pull = false;
                for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
                    json.nextToken();
                    switch (field) {
                        case "type" -> type = texts(json).getFirst();
                        case "name" -> name = texts(json).getFirst();
                        case "actions" -> pull = contains(json, "pull");
                        default -> json.skipChildren();
                    }
                }
                if (pull && type.equals("repository")) {
                    pulls.add(name);
                }
            }
            end(json);
        }

        private static boolean contains(JsonParser json, String wanted) throws IOException {
            boolean contained = false;
            begin(json);
            while (json.nextToken() == JsonToken.VALUE_STRING) {
                contained |= json.getText().equals(wanted);
            }
            end(json);
            return contained;
        }

        private static void begin(JsonParser json) throws IOException {
            if (json.currentToken() != JsonToken.START_ARRAY) {
                throw new IOException("no list");
            }
        }

        private static void end(JsonParser json) throws IOException {
            if (json.currentToken() != JsonToken.END_ARRAY) {
                throw new IOException("a list of several things");
            }
        }

        Optional<SignedToken> token(String signed, String signature) {
            if (certificate == null
                    || certificate.length() > LONGEST_CERTIFICATE
                    || algorithm == null
                    || issuer == null
                    || audience == null
                    || until == null) {
                return Optional.empty();
            }
            Issuer by = new Issuer(certificate, algorithm, issuer, audience);
            return Optional.of(new SignedToken(by, from, until, pulls, signed, signature));
        }

        private static long seconds(JsonParser json) throws IOException {
            if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
                throw new IOException("no time");
            }
            long seconds = json.getLongValue();
            if (seconds < 0 || seconds > 100_000_000_000L) {
                throw new IOException("no time that makes sense");
            }
            return seconds;
        }
    }
}
