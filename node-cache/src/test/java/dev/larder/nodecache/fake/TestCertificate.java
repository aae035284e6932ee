package dev.larder.nodecache.fake;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;

/** A certificate for one name that nobody trusts unless told to, as a file to trust and as a listener that shows it. */
public final class TestCertificate {

    private final SelfSigned certificate;
    private final Path pem;

    /** @param folder where its files go */
    public TestCertificate(Path folder, String host)
            throws IOException, InterruptedException, GeneralSecurityException {
        certificate = SelfSigned.make(folder, host, "dns:" + host);
        pem = Files.writeString(folder.resolve(host + ".crt"), certificate.certificatePem());
    }

    /** For {@code caFile}. */
    public Path pem() {
        return pem;
    }

    /** A listener on a free loopback port that shows this certificate. */
    public ServerSocket listener() throws IOException, GeneralSecurityException {
        return certificate
                .identity()
                .getServerSocketFactory()
                .createServerSocket(0, 64, InetAddress.getLoopbackAddress());
    }
}
