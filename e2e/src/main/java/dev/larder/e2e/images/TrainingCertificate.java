package dev.larder.e2e.images;

import dev.larder.e2e.process.Command;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A certificate for 127.0.0.1 that lives as long as a training run. */
record TrainingCertificate(SSLContext context, Path pem) {
    private static final String PASSWORD = "training";
    private static final String ALIAS = "training";

    /** Makes key and certificate; the certificate is written into the folder as PEM. */
    static TrainingCertificate make(Path folder) throws IOException {
        Path keys = folder.resolve("training.p12");
        Command.of(keytool(keys)).run();
        Path pem = folder.resolve("training.crt");
        try (InputStream in = Files.newInputStream(keys)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(in, PASSWORD.toCharArray());
            String encoded = Base64.getMimeEncoder(64, new byte[] {'\n'})
                    .encodeToString(store.getCertificate(ALIAS).getEncoded());
            Files.writeString(pem, "-----BEGIN CERTIFICATE-----\n" + encoded + "\n-----END CERTIFICATE-----\n");
            KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            managers.init(store, PASSWORD.toCharArray());
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(managers.getKeyManagers(), null, null);
            return new TrainingCertificate(context, pem);
        } catch (GeneralSecurityException e) {
            throw new ImageBuildException("Cannot make a certificate for training: " + e.getMessage(), e);
        }
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
