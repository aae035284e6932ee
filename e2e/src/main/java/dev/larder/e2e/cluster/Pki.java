package dev.larder.e2e.cluster;

import dev.larder.e2e.process.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;

/** The cluster's certificate authority: makes keys, certificates and kubeconfigs in one folder, by openssl. */
final class Pki {
    private static final String SETTINGS = """
            [req]
            distinguished_name = name
            [name]
            [authority]
            basicConstraints = critical, CA:TRUE
            keyUsage = critical, keyCertSign, cRLSign
            subjectKeyIdentifier = hash
            """;

    private final Path folder;
    private final Path openssl;

    Pki(Path folder, Path openssl) {
        this.folder = folder;
        this.openssl = openssl;
        try {
            // Only now: what is written while the cluster is being ended must not bring its folder back.
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        write("openssl.cnf", SETTINGS);
        openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 -days 3650 -config openssl.cnf"
                + " -extensions authority -subj /CN=larder-test-authority -keyout ca.key -out ca.crt");
        openssl("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out sa.key");
        openssl("pkey -in sa.key -pubout -out sa.pub");
    }

    /** Makes {@code name.key} and {@code name.crt}, good as a server and as a client; no argument holds a space. */
    void certificate(String name, String subject, String alternativeNames) {
        certificate(name, subject, alternativeNames, "ec -pkeyopt ec_paramgen_curve:P-256");
    }

    /** The same with an RSA key, the only kind that the Java Kubernetes client reads from PKCS#8. */
    void rsaCertificate(String name, String subject, String alternativeNames) {
        certificate(name, subject, alternativeNames, "rsa:2048");
    }

    private void certificate(String name, String subject, String alternativeNames, String kind) {
        write(
                name + ".ext",
                "subjectAltName=" + alternativeNames + "\nextendedKeyUsage=serverAuth,clientAuth\n"
                        + "basicConstraints=CA:FALSE\n");
        openssl("req -newkey " + kind + " -nodes -config openssl.cnf -subj " + subject + " -keyout " + name
                + ".key -out " + name + ".csr");
        openssl("x509 -req -sha256 -days 3650 -CA ca.crt -CAkey ca.key -set_serial " + System.nanoTime() + " -extfile "
                + name + ".ext -in " + name + ".csr -out " + name + ".crt");
    }

    /** A kubeconfig, complete in itself, of the certificate of that name. */
    Path kubeconfig(String name, String server) {
        return write(name + ".kubeconfig", """
                apiVersion: v1
                kind: Config
                clusters: [{name: larder, cluster: {server: "%s", certificate-authority-data: %s}}]
                users: [{name: %s, user: {client-certificate-data: %s, client-key-data: %s}}]
                contexts: [{name: larder, context: {cluster: larder, user: %s}}]
                current-context: larder
                """.formatted(
                        server, base64("ca.crt"), name, base64(name + ".crt"), base64(name + ".key"), name));
    }

    Path file(String name) {
        return folder.resolve(name);
    }

    private String base64(String name) {
        try {
            return Base64.getEncoder().encodeToString(Files.readAllBytes(file(name)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path write(String name, String text) {
        try {
            return Files.writeString(file(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void openssl(String arguments) {
        Command.of(arguments.split(" "))
                .behind(List.of(openssl.toString()))
                .in(folder)
                .run();
    }
}
