package dev.larder.nodecache.registry;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.larder.nodecache.source.Secret;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a JSON web token in an Authorization header says of itself (RFC 7519), unverified. One that makes no sense anywhere
 * says nothing at all.
 *
 * @param until when it expires, by its own words
 * @param signed what it takes to look at its signature, if it says all of that
 */
record WebToken(Optional<Instant> until, Optional<SignedToken> signed) {

    private static final WebToken NONE = new WebToken(Optional.empty(), Optional.empty());
    private static final int LONGEST = 16 * 1024;
    /** A key of 4,096 bits takes 2,500; what is longer would take memory for nothing. */
    private static final int LONGEST_CERTIFICATE = 4 * 1024;

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /** Says nothing when the header is anything else. */
    static WebToken parse(Secret authorization) {
        String header = authorization.reveal();
        String[] parts = header.substring(header.indexOf(' ') + 1).split("\\.", -1);
        if (header.length() > LONGEST || parts.length != 3) {
            return NONE;
        }
        try {
            Said said = new Said();
            said.read(parts[0]);
            said.read(parts[1]);
            return new WebToken(Optional.ofNullable(said.until), said.signed(parts[0] + "." + parts[1], parts[2]));
        } catch (IOException | IllegalArgumentException noToken) {
            return NONE;
        }
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

        Optional<SignedToken> signed(String signed, String signature) {
            if (certificate == null
                    || certificate.length() > LONGEST_CERTIFICATE
                    || algorithm == null
                    || issuer == null
                    || audience == null
                    || until == null) {
                return Optional.empty();
            }
            SignedToken.Issuer by = new SignedToken.Issuer(certificate, algorithm, issuer, audience);
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
