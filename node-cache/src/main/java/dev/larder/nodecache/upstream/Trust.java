package dev.larder.nodecache.upstream;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Arrays;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** The certificates an upstream may show: the system's, and those of a PEM file. */
final class Trust {

    private Trust() {}

    /** @throws IllegalArgumentException naming the file when it cannot be used */
    static TrustManager systemAnd(Path pem) {
        try (InputStream in = Files.newInputStream(pem)) {
            return systemAnd(in);
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException("caFile " + pem + " cannot be used: " + e.getMessage(), e);
        }
    }

    /** @throws IllegalArgumentException when the text is no PEM of certificates */
    static TrustManager systemAnd(String pem) {
        try {
            return systemAnd(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException("the certificates given cannot be used: " + e.getMessage(), e);
        }
    }

    private static TrustManager systemAnd(InputStream in) throws IOException, GeneralSecurityException {
        KeyStore all = KeyStore.getInstance(KeyStore.getDefaultType());
        all.load(null, null);
        int n = 0;
        for (Certificate extra : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
            all.setCertificateEntry("extra-" + n++, extra);
        }
        for (Certificate known : system().getAcceptedIssuers()) {
            all.setCertificateEntry("system-" + n++, known);
        }
        return from(all);
    }

    private static X509TrustManager system() throws GeneralSecurityException {
        return from(null);
    }

    private static X509TrustManager from(@org.jspecify.annotations.Nullable KeyStore certificates)
            throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(certificates);
        return Arrays.stream(factory.getTrustManagers())
                .filter(X509TrustManager.class::isInstance)
                .map(X509TrustManager.class::cast)
                .findFirst()
                .orElseThrow(() -> new GeneralSecurityException("this Java has no X.509 trust"));
    }
}
