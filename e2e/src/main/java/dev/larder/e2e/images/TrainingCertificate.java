package dev.larder.e2e.images;

import dev.larder.e2e.process.Command;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A certificate for 127.0.0.1 that lives as long as a training run.
 *
 * @param context shows it, and trusts nobody else
 */
record TrainingCertificate(SSLContext context, Path pem, Path key) {
    private static final String PASSWORD = "training";
    private static final String ALIAS = "training";

    /** Makes key and certificate; both are written into the folder as PEM. */
    static TrainingCertificate make(Path folder) throws IOException {
        Path keys = folder.resolve("training.p12");
        Command.of(keytool(keys)).run();
        Path pem = folder.resolve("training.crt");
        try (InputStream in = Files.newInputStream(keys)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(in, PASSWORD.toCharArray());
            Certificate own = store.getCertificate(ALIAS);
            Files.writeString(pem, text("CERTIFICATE", own.getEncoded()));
            Path key = folder.resolve("training.key");
            Files.writeString(
                    key,
                    text(
                            "PRIVATE KEY",
                            store.getKey(ALIAS, PASSWORD.toCharArray()).getEncoded()));
            KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            managers.init(store, PASSWORD.toCharArray());
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry(ALIAS, own);
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(managers.getKeyManagers(), trust.getTrustManagers(), null);
            return new TrainingCertificate(context, pem, key);
        } catch (GeneralSecurityException e) {
            throw new ImageBuildException("Cannot make a certificate for training: " + e.getMessage(), e);
        }
    }

    private static String text(String type, byte[] content) {
        String encoded = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return "-----BEGIN " + type + "-----\n" + encoded + "\n-----END " + type + "-----\n";
    }

    private static List<String> keytool(Path keys) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin/keytool").toString(),
                "-genkeypair",
                "-alias",
                ALIAS,
                "-keyalg",
                "EC",
                "-validity",
                "2",
                "-dname",
                "CN=training",
                "-ext",
                "san=ip:127.0.0.1",
                "-ext",
                "bc=ca:true",
                "-storetype",
                "PKCS12",
                "-keystore",
                keys.toString(),
                "-storepass",
                PASSWORD);
    }
}
