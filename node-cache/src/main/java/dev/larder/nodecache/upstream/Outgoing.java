package dev.larder.nodecache.upstream;

import java.net.URI;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.Map;

/**
 * A request that writes to a registry.
 *
 * @param headers beside those that every request has; none of them a secret
 */
public record Outgoing(String method, URI uri, Map<String, String> headers, Body body) {

    public Outgoing {
        headers = Map.copyOf(headers);
    }

    /** What follows the head. It can be sent more than once. */
    public sealed interface Body {
        Body NONE = new Bytes(new byte[0]);

        long length();
    }

    /** The array is not copied and must not be changed. */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    public record Bytes(byte[] bytes) implements Body {
        @Override
        public long length() {
            return bytes.length;
        }
    }

    /**
     * A part of a file that stays open meanwhile.
     *
     * @param patience how long the other side may take none of it; the wait for the answer begins when all is sent
     */
    public record FilePart(FileChannel file, long offset, long length, Duration patience) implements Body {}
}
