package dev.larder.nodecache.fake;

import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.MediaType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A registry on a loopback port, on plain sockets, so that it can break HTTP wherever a test wants it broken. */
public final class FakeRegistry implements AutoCloseable {

    final Misbehaviour misbehaviour = new Misbehaviour();
    final FakeLogin login = new FakeLogin(this);

    private final ServerSocket listener;
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
    private final List<Seen> seen = new CopyOnWriteArrayList<>();
    private final FakeImages images = new FakeImages();
    private final AtomicInteger blobsNow = new AtomicInteger();
    private final AtomicInteger mostBlobs = new AtomicInteger();
    private volatile boolean closed;

    /** One request as it came. Header names in lower case. */
    public record Seen(String method, String path, Map<String, String> headers) {
        public @Nullable String header(String name) {
            return headers.get(name);
        }
    }

    /** What {@link #push} made. */
    @SuppressWarnings("ArrayRecordComponent")
    public record Image(Digest manifest, byte[] manifestBytes, Digest config, Digest layer, byte[] layerBytes) {}

    public FakeRegistry() {
        this(loopback());
    }

    /** @param listener perhaps one that speaks TLS; closed with the registry */
    public FakeRegistry(ServerSocket listener) {
        this.listener = listener;
        Thread.ofVirtual().start(this::accept);
    }

    private static ServerSocket loopback() {
        try {
            return new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Misbehaviour misbehave() {
        return misbehaviour;
    }

    /** From now on everything is right, and everybody is let in. */
    public void behave() {
        misbehaviour.reset();
        login.mode = FakeLogin.Mode.OPEN;
        login.tokenStatus = 0;
    }

    public FakeLogin login() {
        return login;
    }

    public int port() {
        return listener.getLocalPort();
    }

    public String url() {
        return "http://127.0.0.1:" + port();
    }

    /** An image of one layer, the same bytes for the same seed. */
    public Image push(String repository, String tag, int layerSize, long seed) {
        return images.push(repository, tag, layerSize, seed);
    }

    /** A manifest as it is, under its digest and another reference. */
    public Digest pushManifest(String repository, String reference, MediaType type, String json) {
        return images.pushManifest(repository, reference, type, json);
    }

    public Digest pushBlob(String repository, byte[] bytes) {
        return images.pushBlob(repository, bytes);
    }

    public void deleteTag(String repository, String tag) {
        images.deleteTag(repository, tag);
    }

    FakeImages images() {
        return images;
    }

    /** Requests since the start or the last {@link #forgetRequests}. */
    public List<Seen> requests() {
        return List.copyOf(seen);
    }

    public long count(Predicate<Seen> which) {
        return seen.stream().filter(which).count();
    }

    public long count(String method, String pathPart) {
        return count(s -> s.method().equals(method) && s.path().contains(pathPart));
    }

    public void forgetRequests() {
        seen.clear();
    }

    /** How many blobs were on their way at the same moment, at most. */
    public int mostBlobsAtOnce() {
        return mostBlobs.get();
    }

    void blobBegins() {
        mostBlobs.accumulateAndGet(blobsNow.incrementAndGet(), Math::max);
    }

    void blobEnds() {
        blobsNow.decrementAndGet();
    }

    void saw(Seen request) {
        seen.add(request);
    }

    private void accept() {
        while (!closed) {
            try {
                Socket socket = listener.accept();
                connections.add(socket);
                Thread.ofVirtual().start(() -> {
                    new FakeConnection(this, socket).run();
                    connections.remove(socket);
                });
            } catch (IOException e) {
                // Closed, which ends the loop.
                closed = true;
            }
        }
    }

    /** From now on connections are refused, and open ones are gone. */
    @Override
    public void close() {
        closed = true;
        try {
            listener.close();
            for (Socket socket : new ArrayList<>(connections)) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
