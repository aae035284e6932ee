package dev.larder.nodecache.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.core.metrics.Info;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * What is counted, by the names that the README lists. Labels come from closed sets and from the config file, never from
 * what a client sends, so that their number is bounded.
 */
public final class CacheMetrics {

    private static final Set<String> STATUSES = Set.of(
            "200", "206", "301", "302", "303", "307", "308", "400", "401", "403", "404", "416", "429", "500", "502",
            "503", "504");
    private static final Pattern CLASSED = Pattern.compile("[1-5][0-9]{2}");
    private static final List<String> OUTCOMES = List.of("hit", "joined", "upstream", "stale", "refused");
    private static final Duration[] FIRST_BYTE = {
        Duration.ofMillis(1),
        Duration.ofMillis(5),
        Duration.ofMillis(20),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10)
    };
    private static final Duration[] FILL = {
        Duration.ofMillis(10),
        Duration.ofMillis(100),
        Duration.ofSeconds(1),
        Duration.ofSeconds(10),
        Duration.ofSeconds(60),
        Duration.ofMinutes(5)
    };

    private final PrometheusMeterRegistry meters;
    private final LiveMetrics live;
    private final ConcurrentHashMap<String, Counter> counters = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Timer> timers = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, PerRegistry> registries = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Answer, AnswerMeters> answers = new ConcurrentHashMap<>();

    /** The labels of an answer; by them its meters are found with one look a request. */
    private record Answer(String registry, String kind, String outcome) {}

    private record AnswerMeters(Counter requests, Counter bytes, Timer firstByte, PerRegistry sums, boolean fromHere) {}

    /** Sums for {@code /status}. */
    public static final class PerRegistry {
        private final LongAdder requests = new LongAdder();
        private final LongAdder hits = new LongAdder();
        private final LongAdder bytesServed = new LongAdder();
        private final LongAdder bytesUpstream = new LongAdder();

        public long requests() {
            return requests.sum();
        }

        public long hits() {
            return hits.sum();
        }

        public long bytesServed() {
            return bytesServed.sum();
        }

        public long bytesUpstream() {
            return bytesUpstream.sum();
        }
    }

    public CacheMetrics(PrometheusMeterRegistry meters) {
        this.meters = meters;
        this.live = new LiveMetrics(meters.getPrometheusRegistry());
        ProcessMetrics.register(live);
        // What is known to be counted is there from the start: a rate needs the zero before the first.
        counter("larder_evictions");
        counter("larder_scrub_blobs", "result", "good");
        counter("larder_scrub_blobs", "result", "bad");
        counter("larder_scrub_bytes");
        counter("larder_config_reloads", "result", "applied");
        counter("larder_config_reloads", "result", "rejected");
        timer("larder_fill_duration", FILL);
    }

    /**
     * A registry that is served from now on: what will mostly be counted for it is there with a zero, so that a rate sees its
     * first requests too, and not only those after the first scrape that has them.
     */
    public void expect(String registry) {
        for (String outcome : OUTCOMES) {
            counter("larder_requests", "registry", registry, "kind", "manifest", "outcome", outcome);
            counter("larder_requests", "registry", registry, "kind", "blob", "outcome", outcome);
            counter("larder_response_bytes", "registry", registry, "outcome", outcome);
        }
        for (String status : List.of("200", "unreachable", "timeout")) {
            counter("larder_upstream_requests", "registry", registry, "method", "GET", "status", status);
            counter("larder_upstream_requests", "registry", registry, "method", "HEAD", "status", status);
        }
        counter("larder_upstream_bytes", "registry", registry);
        counter("larder_fills", "registry", registry, "result", "committed");
    }

    /** For values that are read, not counted. */
    public LiveMetrics live() {
        return live;
    }

    public void version(String text) {
        // Micrometer would take the suffix off the name.
        Info.builder()
                .name("larder_build_info")
                .help("The version that runs.")
                .labelNames("version")
                .register(meters.getPrometheusRegistry())
                .addLabelValues(text);
    }

    public PerRegistry of(String registry) {
        return registries.computeIfAbsent(registry, r -> new PerRegistry());
    }

    /**
     * One request has been answered; a registry that is not ours is counted under an empty name.
     *
     * @param firstByteNanos from the request to the answer's first byte
     */
    public void answered(String registry, String kind, String outcome, long bytes, long firstByteNanos) {
        AnswerMeters to = answers.computeIfAbsent(new Answer(registry, kind, outcome), this::meters);
        to.requests.increment();
        to.bytes.increment((double) bytes);
        to.firstByte.record(firstByteNanos, TimeUnit.NANOSECONDS);
        to.sums.requests.increment();
        to.sums.bytesServed.add(bytes);
        if (to.fromHere) {
            to.sums.hits.increment();
        }
    }

    private AnswerMeters meters(Answer answer) {
        return new AnswerMeters(
                counter("larder_requests", "registry", answer.registry, "kind", answer.kind, "outcome", answer.outcome),
                counter("larder_response_bytes", "registry", answer.registry, "outcome", answer.outcome),
                timer("larder_first_byte", FIRST_BYTE, "outcome", answer.outcome),
                of(answer.registry),
                answer.outcome.equals("hit") || answer.outcome.equals("stale"));
    }

    /** @param status a number, or what went wrong instead, from a closed set */
    public void upstreamRequest(String registry, String method, String status) {
        counter("larder_upstream_requests", "registry", registry, "method", method, "status", statusLabel(status))
                .increment();
    }

    /**
     * An upstream may make numbers up, of any length; those that nobody knows become their class, or malformed where they have
     * none, so that they stay few.
     */
    private static String statusLabel(String status) {
        if (STATUSES.contains(status) || Character.isLetter(status.charAt(0))) {
            return status;
        }
        return CLASSED.matcher(status).matches() ? status.charAt(0) + "xx" : "malformed";
    }

    public void upstreamBytes(String registry, long bytes) {
        counter("larder_upstream_bytes", "registry", registry).increment((double) bytes);
        of(registry).bytesUpstream.add(bytes);
    }

    public void fill(String registry, String result, Duration took) {
        counter("larder_fills", "registry", registry, "result", result).increment();
        timer("larder_fill_duration", FILL).record(took);
    }

    public void evicted() {
        counter("larder_evictions").increment();
    }

    /** A stored blob has been read again. */
    public void scrubbed(boolean good) {
        counter("larder_scrub_blobs", "result", good ? "good" : "bad").increment();
    }

    public void scrubbedBytes(long bytes) {
        counter("larder_scrub_bytes").increment((double) bytes);
    }

    /** @param result {@code applied} or {@code rejected} */
    public void configReload(String result) {
        counter("larder_config_reloads", "result", result).increment();
    }

    /** A value read whenever somebody looks. */
    public void gauge(String name, Supplier<Number> value, String... labels) {
        Gauge.builder(name, value).tags(labels).strongReference(true).register(meters);
    }

    private Counter counter(String name, String... labels) {
        // Looked up for every piece that comes from an upstream: the key is cheaper than Micrometer's own search.
        String key = labels.length == 0 ? name : name + "|" + String.join("|", labels);
        return counters.computeIfAbsent(
                key, k -> Counter.builder(name).tags(labels).register(meters));
    }

    private Timer timer(String name, Duration[] buckets, String... labels) {
        return timers.computeIfAbsent(name + "|" + String.join("|", labels), k -> Timer.builder(name)
                .tags(labels)
                .serviceLevelObjectives(buckets)
                .register(meters));
    }
}
