package dev.larder.e2e.install;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** One of the two Secrets with what the operator and the node caches know each other by. */
public enum JobsSecret {
    OPERATOR("larder-jobs-operator"),
    NODE_CACHE("larder-jobs-node-cache");

    private final String name;

    JobsSecret(String name) {
        this.name = name;
    }

    public String secretName() {
        return name;
    }

    /** For connections as its owner makes and takes them: shows its certificate, trusts its authority. */
    public SSLContext context(KubernetesClient client) {
        Secret secret =
                client.secrets().inNamespace(Larder.NAMESPACE).withName(name).require();
        try {
            KeyStore own = store();
            own.setKeyEntry("own", key(secret), new char[0], new Certificate[] {certificate(secret, "tls.crt")});
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(own, new char[0]);
            KeyStore trusted = store();
            trusted.setCertificateEntry("authority", certificate(secret, "ca.crt"));
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("Secret " + name + " has no certificates: " + e.getMessage(), e);
        }
    }

    private static KeyStore store() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static Certificate certificate(Secret secret, String file) throws GeneralSecurityException {
        return CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(read(secret, file)));
    }

    private static PrivateKey key(Secret secret) throws GeneralSecurityException {
        String body =
                new String(read(secret, "tls.key"), StandardCharsets.US_ASCII).replaceAll("-----[A-Z ]+-----|\\s", "");
        return KeyFactory.getInstance("EC")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(body)));
    }

    private static byte[] read(Secret secret, String file) {
        return Base64.getDecoder().decode(secret.getData().get(file));
    }
}
