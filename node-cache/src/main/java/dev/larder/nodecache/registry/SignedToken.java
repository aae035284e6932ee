package dev.larder.nodecache.registry;

import dev.larder.nodecache.oci.RepositoryName;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Set;

/**
 * A JSON web token as token servers make them for the distribution's registries (its spec/auth/jwt), which says by whom it
 * was signed and what may be pulled with it ({@link WebToken} reads it). What it says is worth nothing until
 * {@link #isSignedWith}.
 *
 * @param pulls the repositories, as the upstream calls them
 */
record SignedToken(Issuer by, Instant from, Instant until, Set<String> pulls, String signed, String signature) {

    /** What the distribution allows clocks to differ; not for the end. */
    private static final Duration CLOCKS = Duration.ofSeconds(60);

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
}
