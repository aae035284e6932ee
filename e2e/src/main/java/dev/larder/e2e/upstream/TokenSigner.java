package dev.larder.e2e.upstream;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Makes JSON web tokens by the distribution's specification (spec/auth/jwt): ES256, with the certificate of the key in
 * {@code x5c}.
 */
final class TokenSigner {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final PrivateKey key;
    private final String x5c;

    /** What a token opens. */
    record Access(String type, String name, List<String> actions) {
        Access {
            actions = List.copyOf(actions);
        }
    }

    /** What a token says. */
    record Claims(String issuer, String subject, String audience, Instant from, Duration life, List<Access> access) {
        Claims {
            access = List.copyOf(access);
        }
    }

    TokenSigner(Path certificate, Path key) {
        try {
            this.key = Tls.key(key);
            this.x5c = Base64.getEncoder()
                    .encodeToString(Tls.certificate(certificate).getEncoded());
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("cannot sign with " + key + ": " + e.getMessage(), e);
        }
    }

    String sign(Claims claims) {
        var body = new LinkedHashMap<String, Object>();
        body.put("iss", claims.issuer);
        body.put("sub", claims.subject);
        body.put("aud", claims.audience);
        body.put("exp", claims.from.plus(claims.life).getEpochSecond());
        body.put("nbf", claims.from.getEpochSecond());
        body.put("iat", claims.from.getEpochSecond());
        body.put("jti", UUID.randomUUID().toString());
        body.put("access", claims.access);
        String signed = part(Map.of("typ", "JWT", "alg", "ES256", "x5c", List.of(x5c))) + "." + part(body);
        try {
            Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
            signature.initSign(key);
            signature.update(signed.getBytes(StandardCharsets.US_ASCII));
            return signed + "." + encode(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot sign a token", e);
        }
    }

    private static String part(Map<String, ?> values) {
        try {
            return encode(JSON.writeValueAsBytes(values));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
