package dev.larder.nodecache.watchdog;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Arrays;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * TLS as containerd does it towards the cache: the one authority is trusted and nothing else, and the certificate must be
 * for the address that is called. Not for several threads.
 */
final class ProbeTls {

    private final Path authority;
    private byte[] seen = new byte[0];
    private @Nullable SSLSocketFactory factory;

    /** @param authority PEM; read again when it changes */
    ProbeTls(Path authority) {
        this.authority = authority;
    }

    /**
     * The connected socket with TLS on it, hands shaken; closing it closes the other.
     *
     * @throws SSLException when containerd would not talk to who answers there
     */
    Socket over(Socket connected, InetSocketAddress address) throws IOException {
        SSLSocket socket = (SSLSocket)
                factory().createSocket(connected, address.getAddress().getHostAddress(), address.getPort(), true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    private SSLSocketFactory factory() throws IOException {
        byte[] pem = Files.readAllBytes(authority);
        SSLSocketFactory now = factory;
        if (now == null || !Arrays.equals(pem, seen)) {
            now = trusting(pem);
            factory = now;
            seen = pem;
        }
        return now;
    }

    private SSLSocketFactory trusting(byte[] pem) throws IOException {
        try (InputStream in = new ByteArrayInputStream(pem)) {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            int number = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                trusted.setCertificateEntry(Integer.toString(number++), certificate);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context.getSocketFactory();
        } catch (GeneralSecurityException e) {
            throw new SSLException(authority + " holds no certificates to trust: " + e.getMessage(), e);
        }
    }
}
