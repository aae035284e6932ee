package dev.larder.nodecache.fake.login;

import dev.larder.nodecache.fake.FakeRegistry.Seen;
import dev.larder.nodecache.fake.HttpHead;
import dev.larder.nodecache.fake.SelfSigned;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLSocket;

/** One connection to the proxy of an {@link Internet}: plain requests with whole addresses, or CONNECT and TLS. */
final class InternetConnection implements Runnable {

    private final Internet internet;
    private final Socket socket;
    private final SelfSigned certificate;

    InternetConnection(Internet internet, Socket socket, SelfSigned certificate) {
        this.internet = internet;
        this.socket = socket;
        this.certificate = certificate;
    }

    @Override
    public void run() {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            Seen first = HttpHead.read(in);
            if (first == null) {
                return;
            }
            if (!first.method().equals("CONNECT")) {
                serve("http", first, in, socket.getOutputStream());
                return;
            }
            socket.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            try (SSLSocket secure = (SSLSocket) certificate
                    .identity()
                    .getSocketFactory()
                    .createSocket(socket, "localhost", socket.getPort(), true)) {
                secure.setUseClientMode(false);
                InputStream inside = new BufferedInputStream(secure.getInputStream());
                serve("https", HttpHead.read(inside), inside, secure.getOutputStream());
            }
        } catch (IOException | GeneralSecurityException | InterruptedException e) {
            // The other side left, or the test ended: either way this connection is over.
            Thread.currentThread().interrupt();
        }
    }

    private void serve(String scheme, @org.jspecify.annotations.Nullable Seen first, InputStream in, OutputStream out)
            throws IOException, InterruptedException {
        for (Seen request = first; request != null; request = HttpHead.read(in)) {
            String target = request.path().startsWith("http://")
                    ? request.path().substring(request.path().indexOf('/', 7))
                    : request.path();
            String host = URI.create("any://" + request.headers().getOrDefault("host", ""))
                    .getHost();
            int question = target.indexOf('?');
            String query = question < 0 ? "" : target.substring(question + 1);
            int length = Integer.parseInt(request.headers().getOrDefault("content-length", "0"));
            String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
            Asked asked = new Asked(
                    scheme,
                    host.toLowerCase(Locale.ROOT),
                    request.method(),
                    question < 0 ? target : target.substring(0, question),
                    Asked.form(body.isEmpty() ? query : body),
                    request.headers());
            write(asked, internet.answer(asked), out);
        }
    }

    private static void write(Asked asked, Reply reply, OutputStream out) throws IOException, InterruptedException {
        if (reply.status() == 0) {
            new CountDownLatch(1).await();
        }
        StringBuilder head = new StringBuilder("HTTP/1.1 " + reply.status() + " X\r\n");
        reply.headers().forEach(header -> head.append(header.getKey())
                .append(": ")
                .append(header.getValue())
                .append("\r\n"));
        head.append("Content-Length: ").append(reply.body().length).append("\r\n\r\n");
        out.write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
        if (!asked.isHead()) {
            out.write(reply.body());
        }
        out.flush();
    }
}
