package dev.larder.nodecache.watchdog;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/** Asks the cache a real request, {@code GET /v2/}, on the listener that containerd uses, over a connection of its own. */
final class CacheProbe {

    /** What one request came to. */
    enum Answer {
        /** A status line that says the listener serves. */
        SERVES,
        /** An answer, but not one to send pulls to: on its way down, or not our cache. */
        REFUSES,
        /** Nobody listens, or the connection was cut: a pull goes on to the upstream at once. */
        CLOSED,
        /** Connected, and then nothing: a pull would wait. */
        SILENT
    }

    private static final byte[] REQUEST = """
            GET /v2/ HTTP/1.1\r
            Host: localhost\r
            User-Agent: larder-hosts-writer\r
            Accept: */*\r
            Connection: close\r
            \r
            """.getBytes(StandardCharsets.US_ASCII);
    private static final Pattern SERVING = Pattern.compile("HTTP/1\\.[01] (?:2\\d\\d|401)");
    private static final int STATUS_LINE_BYTES = "HTTP/1.1 200".length();

    private final InetSocketAddress address;
    private final Duration timeout;
    private final Optional<ProbeTls> tls;

    /**
     * @param timeout of the connect, and again of each piece of the answer
     * @param authority of the listener's certificate, PEM; empty when it listens without TLS
     */
    CacheProbe(InetSocketAddress address, Duration timeout, Optional<Path> authority) {
        this.address = address;
        this.timeout = timeout;
        this.tls = authority.map(ProbeTls::new);
    }

    Answer ask() {
        int millis = Math.toIntExact(timeout.toMillis());
        boolean connected = false;
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(millis);
            socket.connect(address, millis);
            connected = true;
            Socket talk = tls.isPresent() ? tls.get().over(socket, address) : socket;
            talk.getOutputStream().write(REQUEST);
            return verdict(talk.getInputStream());
        } catch (SocketTimeoutException e) {
            return Answer.SILENT;
        } catch (SSLException e) {
            // somebody else, or a certificate that containerd would not take either
            return Answer.REFUSES;
        } catch (ConnectException e) {
            return Answer.CLOSED;
        } catch (IOException e) {
            // a reset, or an end without an answer: fast for a pull as well
            return connected ? Answer.CLOSED : Answer.SILENT;
        }
    }

    private static Answer verdict(InputStream input) throws IOException {
        byte[] start = input.readNBytes(STATUS_LINE_BYTES);
        if (start.length == 0) {
            return Answer.CLOSED;
        }
        String line = new String(start, StandardCharsets.US_ASCII);
        // 401 serves too: a challenge is an answer
        return SERVING.matcher(line).matches() ? Answer.SERVES : Answer.REFUSES;
    }
}
