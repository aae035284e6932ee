package dev.larder.nodecache.containerd;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Says whether a cache that another resource's hosts.toml names is gone, and its writer with it: a living writer takes
 * the file back two seconds after its cache stops answering. Keeps the time of the first failure for each.
 */
final class AbandonedCaches implements Predicate<String> {

    static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final int CONNECT_MILLIS = 200;

    private final LongSupplier nanoTime;
    private final Map<String, Long> silentSince = new HashMap<>();

    AbandonedCaches(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    @Override
    public boolean test(String cacheUrl) {
        if (listens(URI.create(cacheUrl))) {
            silentSince.remove(cacheUrl);
            return false;
        }
        long since = silentSince.computeIfAbsent(cacheUrl, url -> nanoTime.getAsLong());
        return nanoTime.getAsLong() - since >= PATIENCE.toNanos();
    }

    private static boolean listens(URI url) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(url.getHost(), url.getPort()), CONNECT_MILLIS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
