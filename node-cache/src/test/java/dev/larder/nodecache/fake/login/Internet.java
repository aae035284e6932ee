package dev.larder.nodecache.fake.login;

import dev.larder.nodecache.fake.SelfSigned;
import dev.larder.nodecache.upstream.ProxyRules;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Hosts under the names they have in the world, all behind one proxy on a loopback port, which takes CONNECT for https and
 * shows a certificate for every name. Who is given {@link #proxies()} and {@link #caFile()} sees nothing but what is put
 * here, and everything it asks is written down.
 */
public final class Internet implements AutoCloseable {

    private final ServerSocket listener;
    private final Map<String, Site> sites = new ConcurrentHashMap<>();
    private final List<Asked> asked = new CopyOnWriteArrayList<>();
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();

    /** Made once: keytool takes a second. */
    private static final class World {
        static final SelfSigned CERTIFICATE;
        static final Path PEM;

        static {
            try {
                Path folder = Files.createTempDirectory("simulated-internet");
                CERTIFICATE = SelfSigned.make(folder, "world", Names.alternativeNames());
                PEM = Files.writeString(folder.resolve("world.crt"), CERTIFICATE.certificatePem());
                for (Path file : List.of(folder, PEM, folder.resolve("world.p12"), folder.resolve("keytool.log"))) {
                    file.toFile().deleteOnExit();
                }
            } catch (IOException | InterruptedException | GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    public Internet() {
        try {
            listener = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    /** Puts a host there, or another in its place. */
    public void put(String host, Site site) {
        if (!Names.has(host)) {
            throw new IllegalArgumentException(host + " is no host of Names; add it there");
        }
        sites.put(host, site);
    }

    /** The host's site as it is, to wrap it. */
    public Site at(String host) {
        return Optional.ofNullable(sites.get(host)).orElseThrow(() -> new IllegalArgumentException("no host " + host));
    }

    /** For a node cache: everything but loopback goes to this proxy. */
    public ProxyRules proxies() {
        return ProxyRules.of(Map.of("HTTPS_PROXY", proxyUrl(), "HTTP_PROXY", proxyUrl()));
    }

    /** For the environment of a process. */
    public String proxyUrl() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    /** What to trust. */
    public Path caFile() {
        return World.PEM;
    }

    /** A client of its own that sees this world, to play containerd. */
    public HttpClient client() {
        try {
            return HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(5))
                    .proxy(ProxySelector.of(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), listener.getLocalPort())))
                    .sslContext(World.CERTIFICATE.trust())
                    .build();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Everything since the start or {@link #forget}, in order. */
    public List<Asked> asked() {
        return List.copyOf(asked);
    }

    public List<Asked> asked(String host) {
        return asked.stream().filter(a -> a.host().equals(host)).toList();
    }

    public void forget() {
        asked.clear();
    }

    Reply answer(Asked request) {
        asked.add(request);
        Site site = sites.get(request.host());
        return site == null ? Reply.of(502, "text/plain", "no such host") : site.answer(request);
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                connections.add(socket);
                Thread.ofVirtual().start(() -> {
                    new InternetConnection(this, socket, World.CERTIFICATE).run();
                    connections.remove(socket);
                });
            } catch (IOException e) {
                // Closed, which ends the loop.
                return;
            }
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (Socket socket : connections) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
