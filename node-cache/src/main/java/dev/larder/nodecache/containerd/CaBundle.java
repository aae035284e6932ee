package dev.larder.nodecache.containerd;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.HexFormat;

/**
 * Certificates in PEM that are known to parse. That matters: containerd fails a pull, rather than go on, when a file
 * named by {@code ca} is missing or holds no certificate.
 */
public record CaBundle(String pem) {

    /**
     * Reads one certificate or more.
     *
     * @throws IllegalArgumentException when the text holds none, or one that does not parse
     */
    public static CaBundle parse(String pem) {
        try {
            var certificates = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)));
            if (certificates.isEmpty()) {
                throw new IllegalArgumentException("holds no PEM certificate");
            }
        } catch (CertificateException e) {
            throw new IllegalArgumentException("is not a list of PEM certificates: " + e.getMessage(), e);
        }
        return new CaBundle(pem);
    }

    /** Differs whenever the content does, so that a file in use is never rewritten. No suffix containerd looks for. */
    String fileName(String resource) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(pem.getBytes(StandardCharsets.UTF_8));
            return OwnNames.caPrefix(resource) + HexFormat.of().formatHex(hash, 0, 8) + OwnNames.CA_SUFFIX;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
