package dev.larder.nodecache.upstream;

import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.metrics.CacheMetrics;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.source.BlobStream;
import dev.larder.nodecache.source.Caller;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.source.Identities;
import dev.larder.nodecache.source.Secret;
import dev.larder.nodecache.source.SourceResult;
import dev.larder.nodecache.source.SourceResult.Found;
import dev.larder.nodecache.source.SourceResult.NotFound;
import dev.larder.nodecache.source.SourceResult.Unavailable;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes upstream sources, and keeps those whose settings did not change over a reload, with their connections, tokens and
 * health. Used by one thread at a time.
 */
public final class Upstreams {

    private static final Logger LOG = LoggerFactory.getLogger(Upstreams.class);
    private static final Duration REHEARSAL = Duration.ofSeconds(2);
    private static final Duration PUSH_CONNECT = Duration.ofSeconds(10);
    private static final Duration PUSH_IDLE = Duration.ofMinutes(2);

    private final Vertx vertx;
    private final CacheMetrics metrics;
    private final Clock clock;
    private final Executor threads;
    private final ProxyRules proxies;
    private final NameLookup names;
    private final Identities identities;
    private Map<UpstreamSettings, Made> current = Map.of();

    /** @param certificates how the file of {@code caFile} was just before it was read */
    private record Made(UpstreamSource source, String certificates) {}

    /** @param identities of logins */
    public Upstreams(
            Vertx vertx,
            CacheMetrics metrics,
            Clock clock,
            Executor threads,
            ProxyRules proxies,
            Identities identities) {
        this(vertx, metrics, clock, threads, proxies, identities, NameLookup.of(vertx));
    }

    Upstreams(
            Vertx vertx,
            CacheMetrics metrics,
            Clock clock,
            Executor threads,
            ProxyRules proxies,
            Identities identities,
            NameLookup names) {
        this.proxies = proxies;
        this.identities = identities;
        this.names = names;
        this.vertx = vertx;
        this.metrics = metrics;
        this.clock = clock;
        this.threads = threads;
    }

    /**
     * The sources for these settings, in their order; new ones where the settings or the certificates they name are others.
     *
     * @param retire called with each source no longer wanted, to be closed when its last streams have ended
     * @throws IllegalArgumentException when a certificate file cannot be used; nothing has changed then
     */
    public Map<UpstreamSettings, UpstreamSource> use(
            List<UpstreamSettings> wanted, java.util.function.Consumer<UpstreamSource> retire) {
        Map<UpstreamSettings, Made> next = new LinkedHashMap<>();
        try {
            wanted.forEach(settings -> next.put(settings, made(settings)));
        } catch (IllegalArgumentException e) {
            for (Made made : next.values()) {
                if (!current.containsValue(made)) {
                    made.source().close();
                }
            }
            throw e;
        }
        for (Made made : current.values()) {
            if (!next.containsValue(made)) {
                retire.accept(made.source());
            }
        }
        current = next;
        Map<UpstreamSettings, UpstreamSource> sources = new LinkedHashMap<>();
        next.forEach((settings, made) -> sources.put(settings, made.source()));
        return Map.copyOf(sources);
    }

    private Made made(UpstreamSettings settings) {
        Made kept = current.get(settings);
        String certificates = certificates(settings);
        return kept != null && kept.certificates().equals(certificates)
                ? kept
                : new Made(create(settings), certificates);
    }

    /** Whether a file of certificates is another than when it was read, so that {@link #use} would read it again. */
    public boolean haveNewCertificates() {
        return current.entrySet().stream()
                .anyMatch(one -> !one.getValue().certificates().equals(certificates(one.getKey())));
    }

    private static String certificates(UpstreamSettings settings) {
        return new MountedFile(settings.caFile()).stamp();
    }

    /**
     * Asks ourselves for a blob that we do not have, so that all it takes is loaded and linked before somebody waits for it:
     * that is most of what the first request of a process costs. A failure means nothing.
     *
     * @param own a listener of this process that answers 404
     */
    public void rehearse(URI own) throws InterruptedException {
        var settings = new UpstreamSettings(
                "", own, "", null, false, null, Set.of(), UpstreamSettings.Clients.IGNORED, REHEARSAL, REHEARSAL, 1, 0);
        try (UpstreamSource source = create(settings)) {
            SourceResult<BlobStream> result = source.openBlob(
                    new RepositoryName("rehearsal"),
                    Digest.sha256(new byte[0]),
                    0,
                    Caller.ANONYMOUS,
                    Deadline.in(REHEARSAL));
            switch (result) {
                case Found<BlobStream>(BlobStream stream, var _) -> stream.close();
                case NotFound<BlobStream> _ -> LOG.debug("rehearsed");
                case Unavailable<BlobStream>(UpstreamFailure failure) ->
                    LOG.atDebug().setCause(failure).log("rehearsal failed");
            }
        }
    }

    /**
     * A way to write to a repository, with connections of its own; close it. Counted under an empty registry's name.
     *
     * @throws IllegalArgumentException when its certificates cannot be used
     */
    public PushExchange push(PushTarget target) {
        var settings = new UpstreamSettings(
                "",
                target.registry(),
                "",
                null,
                false,
                null,
                target.tokenServers(),
                UpstreamSettings.Clients.IGNORED,
                PUSH_CONNECT,
                PUSH_IDLE,
                1,
                0);
        String pem = target.certificates();
        Connections connections = new Connections(vertx, settings, pem == null ? null : Trust.systemAnd(pem));
        UpstreamClient client = new UpstreamClient(settings, connections, metrics, proxies, names);
        TokenProvider tokens = new TokenProvider(target.registry(), target.tokenServers(), client, clock, threads);
        String user = target.user();
        Secret secret = target.secret();
        Optional<Login> login = user == null || secret == null
                ? Optional.empty()
                : Optional.of(new Login(
                        identities.of(new Secret(user + ":" + secret.reveal())), user, secret, target.refresh()));
        return new PushExchange(target, client, tokens, login);
    }

    private UpstreamSource create(UpstreamSettings settings) {
        UpstreamClient client = new UpstreamClient(settings, Connections.of(vertx, settings), metrics, proxies, names);
        UpstreamHealth health = new UpstreamHealth(
                new RateLimit(clock, settings.reservePercent()), new MountedFile(settings.credentialsFile()));
        TokenProvider tokens = new TokenProvider(settings.url(), settings.tokenServers(), client, clock, threads);
        UpstreamLogin login = new UpstreamLogin(settings, tokens, health, identities, clock);
        Negotiation negotiation = new Negotiation(settings, client, login, clock);
        return new UpstreamSource(settings, client, new UpstreamExchange(settings, negotiation, health, clock), health);
    }
}
