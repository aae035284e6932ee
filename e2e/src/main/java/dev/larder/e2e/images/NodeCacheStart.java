package dev.larder.e2e.images;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** How long the packed node cache takes from the start of its process to its first ready answer, in the image's own root. */
public final class NodeCacheStart {
    private NodeCacheStart() {}

    /** Starts it so many times with an empty store. */
    public static List<Duration> measure(BuiltImage image, int runs) {
        List<Duration> times = new ArrayList<>();
        for (int run = 0; run < runs; run++) {
            try (PackedNodeCache cache =
                    PackedNodeCache.start(image, "[{host: start.test, upstreams: [{url: \"https://start.test\"}]}]")) {
                times.add(cache.startTime());
            }
        }
        return times;
    }
}
