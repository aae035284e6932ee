package dev.larder.e2e.bench;

import dev.larder.e2e.images.BuiltImage;
import dev.larder.e2e.images.PackedNodeCache;
import java.io.PrintStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What it costs a hit that its repository is not open to everyone: one manifest by digest, one connection, by turns. */
final class AuthorisationBench {
    private static final int ROUNDS = 5;
    private static final Duration RUN = Duration.ofSeconds(2);
    private static final String OPEN = "open.test";
    private static final List<String> GUARDED = List.of("relay.test", "exchange.test");

    private AuthorisationBench() {}

    static void run(BuiltImage image, Content content, Nginx nginx, Wrk wrk, PrintStream out) {
        Map<String, Series> hits = new LinkedHashMap<>();
        hits.put(OPEN, new Series("open to everyone", "ms", 3));
        hits.put(GUARDED.getFirst(), new Series("private, Relay", "ms", 3));
        hits.put(GUARDED.getLast(), new Series("private, Exchange", "ms", 3));
        try (PackedNodeCache cache = PackedNodeCache.start(image, registries(nginx))) {
            // The first run fetches, and lets the caller in.
            hits.keySet().forEach(host -> p50(wrk, cache, content, host));
            for (int round = 0; round < ROUNDS; round++) {
                hits.forEach((host, series) -> series.add(p50(wrk, cache, content, host)));
            }
        }
        out.printf(Locale.ROOT, "%nHit of a manifest by digest, one connection, p50, medians of %d%n", ROUNDS);
        hits.values().forEach(series -> out.println("  " + series.beside(hits.get(OPEN))));
    }

    private static String registries(Nginx nginx) {
        return """
                [{host: open.test, upstreams: [{url: "%1$s"}]},
                 {host: relay.test, upstreams: [{url: "%2$s"}]},
                 {host: exchange.test, access: Exchange, upstreams: [{url: "%2$s"}]}]""".formatted(nginx.full(), nginx.guarded());
    }

    private static double p50(Wrk wrk, PackedNodeCache cache, Content content, String host) {
        List<String> headers = GUARDED.contains(host) ? List.of("Authorization: " + Nginx.AUTHORIZATION) : List.of();
        String path = content.manifestPath(content.manifestDigest()) + "?ns=" + host;
        return wrk.run(cache.registry(), path, headers, 1, RUN, cache.pid()).p50Millis();
    }
}
