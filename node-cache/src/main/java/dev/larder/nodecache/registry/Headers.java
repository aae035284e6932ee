package dev.larder.nodecache.registry;

import dev.larder.nodecache.oci.Descriptor;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.MediaType;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** The headers that an answer carries because of what it is. */
final class Headers {

    private Headers() {}

    static Map<String, String> of(Descriptor descriptor) {
        return of(descriptor.mediaType(), descriptor.digest());
    }

    static Map<String, String> of(MediaType type, Digest digest) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", type.value());
        headers.put("Docker-Content-Digest", digest.toString());
        return headers;
    }

    static Map<String, String> blob(Digest digest) {
        Map<String, String> headers = of(MediaType.OCTET_STREAM, digest);
        headers.put("Accept-Ranges", "bytes");
        return headers;
    }

    static Map<String, String> blob(Digest digest, boolean partial, ByteRange.Span span, long size) {
        Map<String, String> headers = blob(digest);
        if (partial) {
            headers.put("Content-Range", "bytes " + span.from() + "-" + (span.to() - 1) + "/" + size);
        }
        return headers;
    }

    static void age(Map<String, String> headers, Duration age, Staleness staleness) {
        headers.put("Age", Long.toString(age.toSeconds()));
        if (staleness != Staleness.NONE) {
            headers.put("Warning", staleness.warning());
        }
    }
}
