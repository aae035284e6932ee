package dev.larder.nodecache.fake;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;

/** Makes tokens as a token server does for the distribution's registries, signed by ES256 with the key of a certificate. */
public record TokenMaker(SelfSigned identity) {

    /** A good one, for pulls from one repository. */
    public String token(String repository, Instant expires) throws GeneralSecurityException {
        return token(claims(repository, expires));
    }

    public static String claims(String repository, Instant expires) {
        return """
                {"iss":"tokens.test","sub":"ann","aud":"registry.test","nbf":%d,"exp":%d,"jti":"%d",
                 "access":[{"type":"repository","name":"%s","actions":["push","pull"],"parameters":{"limit":["1"]}}]}""".formatted(
                expires.minusSeconds(300).getEpochSecond(), expires.getEpochSecond(), System.nanoTime(), repository);
    }

    /** One that says so. */
    public String token(String claims) throws GeneralSecurityException {
        String certificate =
                Base64.getEncoder().encodeToString(identity.certificate().getEncoded());
        return sign("{\"typ\":\"JWT\",\"alg\":\"ES256\",\"x5c\":[\"" + certificate + "\"]}", claims);
    }

    /** One with any header. */
    public String sign(String header, String claims) throws GeneralSecurityException {
        String signed =
                encode(header.getBytes(StandardCharsets.UTF_8)) + "." + encode(claims.getBytes(StandardCharsets.UTF_8));
        Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
        signature.initSign(identity.key());
        signature.update(signed.getBytes(StandardCharsets.US_ASCII));
        return signed + "." + encode(signature.sign());
    }

    private static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
