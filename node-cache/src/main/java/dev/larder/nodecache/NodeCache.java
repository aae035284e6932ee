package dev.larder.nodecache;

import dev.larder.nodecache.config.NodeCacheConfig;
import dev.larder.nodecache.config.RegistryConfig;
import dev.larder.nodecache.fill.FillCoordinator;
import dev.larder.nodecache.http.AdminServer;
import dev.larder.nodecache.http.HostsWriterFile;
import dev.larder.nodecache.http.JobServer;
import dev.larder.nodecache.http.Listeners;
import dev.larder.nodecache.http.RegistryServer;
import dev.larder.nodecache.metrics.CacheMetrics;
import dev.larder.nodecache.mirror.CopyJobs;
import dev.larder.nodecache.mirror.ImageSignatures;
import dev.larder.nodecache.mirror.Mirror;
import dev.larder.nodecache.oci.Platform;
import dev.larder.nodecache.registry.FrozenTags;
import dev.larder.nodecache.registry.RegistryDirectory;
import dev.larder.nodecache.registry.RegistryService;
import dev.larder.nodecache.registry.UpstreamQuestions;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.source.Identities;
import dev.larder.nodecache.upstream.ProxyRules;
import dev.larder.nodecache.upstream.UpstreamSettings;
import dev.larder.nodecache.upstream.UpstreamSource;
import dev.larder.nodecache.upstream.Upstreams;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.util.internal.PlatformDependent;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running program: every part built bottom-up by plain constructors, started, reconfigured and stopped in reverse. */
final class NodeCache {

    private static final Logger LOG = LoggerFactory.getLogger(NodeCache.class);
    private static final int MAX_EVENT_LOOPS = 8;
    private static final Duration REHEARSAL_LIMIT = Duration.ofMillis(100);
    private static final Duration JOBS_LIMIT = Duration.ofSeconds(2);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(2);
    private static final Duration RETIRE_AFTER = Duration.ofMinutes(10);
    private static final Duration RETIRED_AT_LAST = Duration.ofDays(1);
    private static final Duration TEND_EVERY = Duration.ofSeconds(5);
    private static final Duration MIRROR_EVERY = Duration.ofSeconds(1);

    private final Clock clock;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("tend").factory());
    private final DiskThreads diskThreads = new DiskThreads();

    private final Instant startedAt;
    private final Vertx vertx;
    private final PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final CacheMetrics metrics = new CacheMetrics(meters);
    private final Storage storage;
    private final FillCoordinator fills;
    private final Identities identities;
    private final Upstreams upstreams;
    private final RegistryDirectory directory = new RegistryDirectory();
    private final RegistryServer server;
    private final AdminServer admin;
    private final Mirroring mirroring;
    private final HeapTrim heap = HeapTrim.ofThisProcess();

    private final LiveConfig live;

    private volatile Map<UpstreamSettings, UpstreamSource> sources = Map.of();
    private volatile boolean ready;

    /** @param proxies by the environment, for requests to upstreams */
    NodeCache(NodeCacheConfig config, Clock clock, ProxyRules proxies) {
        this.clock = clock;
        this.startedAt = clock.instant();
        Settings settings = new Settings(config);
        int loops = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, MAX_EVENT_LOOPS);
        this.vertx = vertx(loops);
        this.storage = new Storage(config.storage().path(), settings, clock, metrics, diskThreads);
        this.fills = new FillCoordinator(
                storage.blobs(),
                new FillCoordinator.Threads(threads, diskThreads),
                clock,
                settings.fills(),
                metrics::fill);
        this.identities = new Identities(storage.verdicts()::key);
        this.upstreams = new Upstreams(vertx, metrics, clock, threads, proxies, identities);
        this.live = new LiveConfig(config, clock, metrics, this::use, upstreams::haveNewCertificates);
        FrozenTags frozen = new FrozenTags();
        RegistryService service = new RegistryService(directory, storage.stores(), frozen, fills, clock, threads);
        StatusReport report = new StatusReport(this);
        HostsWriterFile hostsWriter = new HostsWriterFile(report::hostsWriter, clock);
        AdminServer.Reports reports = new AdminServer.Reports(this::notReady, report::status, hostsWriter);
        this.mirroring = mirroring(config, service, frozen, reports);
        this.server = new RegistryServer(
                new RegistryServer.Settings(
                        config.listen().registry().host(),
                        config.listen().registry().port(),
                        settings.tls(),
                        loops,
                        config.timeouts().client(),
                        () -> live.loaded().config().limits().requests(),
                        host -> directory.find(host).isPresent()),
                service,
                identities,
                threads,
                metrics);
        this.admin = new AdminServer(reports, meters, threads);
        show(hostsWriter);
    }

    private void show(HostsWriterFile hostsWriter) {
        Gauges gauges = new Gauges(metrics);
        gauges.of(storage);
        gauges.of(server);
        gauges.of(fills);
        gauges.of(new UpstreamRows(this), hostsWriter);
        metrics.gauge("larder_native_transport", () -> vertx.isNativeTransportEnabled() ? 1 : 0);
        metrics.gauge("larder_netty_direct_memory_bytes", PlatformDependent::usedDirectMemory);
    }

    private static Vertx vertx(int loops) {
        return Vertx.vertx(new VertxOptions()
                .setPreferNativeTransport(true)
                .setEventLoopPoolSize(loops)
                .setWorkerPoolSize(4)
                .setInternalBlockingPoolSize(4)
                // Neither is needed, and both would want a folder to write to.
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
    }

    private Mirroring mirroring(
            NodeCacheConfig config, RegistryService service, FrozenTags frozen, AdminServer.Reports reports) {
        Mirror mirror = new Mirror(
                service,
                frozen,
                storage.mirrorStores(),
                clock,
                new Mirror.Self(NodeName.own(), Platform.ofJava(System.getProperty("os.arch"))),
                host -> directory.find(host).isPresent());
        UpstreamQuestions questions = new UpstreamQuestions(directory);
        Mirror.Stores stores = storage.mirrorStores();
        CopyJobs copies = new CopyJobs(upstreams::push, service, questions, stores, clock, threads);
        Supplier<ImageSignatures> signatures = () -> new ImageSignatures(service, questions, stores);
        JobServer.Answers answers = new JobServer.Answers(reports, questions, copies, signatures);
        return new Mirroring(config, mirror, jobs -> new JobServer(vertx, jobs, answers, threads), storage, threads);
    }

    /** @throws IllegalStateException naming the field to change when it cannot start */
    void start() throws InterruptedException {
        listen();
        beReady();
    }

    /** As far as answering goes; {@link #beReady} says so to the world. */
    void listen() throws InterruptedException {
        NodeCacheConfig config = live.loaded().config();
        storage.open();
        live.begin();
        // Before anybody can ask: a mirrored tag must not be an ordinary one for a moment.
        mirroring.readTable();
        // Beside the others: TLS takes its time to load.
        CompletableFuture<Boolean> jobs = mirroring.listen();
        Listeners.awaitStart(
                admin.start(
                        vertx,
                        config.listen().admin().host(),
                        config.listen().admin().port()),
                "listen.admin = " + config.listen().admin());
        Thread rehearsal = Thread.ofVirtual().start(this::rehearse);
        Listeners.awaitStart(
                server.start(vertx), "listen.registry = " + config.listen().registry());
        // It is no condition: whatever keeps it goes on behind.
        var _ = rehearsal.join(REHEARSAL_LIMIT);
        awaitJobs(jobs);
    }

    /** Who is ready is asked for its status at once; pulls need nothing of it, so that they do not wait for long. */
    private static void awaitJobs(CompletableFuture<Boolean> jobs) throws InterruptedException {
        try {
            jobs.get(JOBS_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.atWarn().addKeyValue("cause", String.valueOf(e.getMessage())).log("listen.jobs is not there yet");
        }
    }

    void beReady() {
        NodeCacheConfig config = live.loaded().config();
        ready = true;
        storage.tend(TEND_EVERY);
        var _ = timer.scheduleWithFixedDelay(mirroring::tend, 0, MIRROR_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        var _ = timer.scheduleWithFixedDelay(
                this::tend, TEND_EVERY.toSeconds(), TEND_EVERY.toSeconds(), TimeUnit.SECONDS);
        LOG.atInfo()
                .addKeyValue("registry", config.listen().registry())
                .addKeyValue("registryPort", server.port())
                .addKeyValue("adminPort", admin.port())
                .addKeyValue("blobs", storage.blobs().blobs())
                .addKeyValue("nativeTransport", vertx.isNativeTransportEnabled())
                .addKeyValue("revision", config.revision())
                .log("ready");
    }

    private void tend() {
        storage.tend(TEND_EVERY);
        heap.look(server.active() > 0 || fills.running() > 0);
    }

    /** With metrics of its own, since nobody has asked for this. */
    private void rehearse() {
        String host = live.loaded().config().listen().admin().host();
        URI own = URI.create("http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + admin.port());
        CacheMetrics uncounted = new CacheMetrics(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
        try {
            new Upstreams(vertx, uncounted, clock, threads, ProxyRules.of(Map.of()), identities).rehearse(own);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** How its settings become others. */
    LiveConfig live() {
        return live;
    }

    private void use(NodeCacheConfig config) {
        Settings settings = new Settings(config);
        Map<UpstreamSettings, UpstreamSource> next = upstreams.use(settings.upstreams(), this::retire);
        directory.replace(settings.registries(upstream -> Objects.requireNonNull(next.get(upstream)), clock));
        sources = next;
        diskThreads.enoughFor(config.limits().fills());
        fills.settings(settings.fills());
        storage.use(settings);
        config.registries().forEach(registry -> metrics.expect(registry.host()));
        mirroring.registriesChanged();
    }

    private void retire(UpstreamSource source) {
        retire(source, clock.instant().plus(RETIRED_AT_LAST));
    }

    /** A fill that began before, or a client that reads past the disk, may need it for long. */
    private void retire(UpstreamSource source, Instant last) {
        var _ = timer.schedule(
                () -> {
                    boolean unused = fills.running() == 0 && server.active() == 0;
                    if (unused || clock.instant().isAfter(last)) {
                        source.close();
                    } else {
                        retire(source, last);
                    }
                },
                RETIRE_AFTER.toSeconds(),
                TimeUnit.SECONDS);
    }

    /** The certificate's files have changed. */
    void reloadCertificate() {
        server.reloadCertificate(vertx)
                .onSuccess(v -> {
                    metrics.configReload("applied");
                    LOG.atInfo().log("certificate read again");
                })
                .onFailure(e -> {
                    metrics.configReload("rejected");
                    LOG.atWarn()
                            .addKeyValue("cause", String.valueOf(e.getMessage()))
                            .log("listen.tls cannot be read; the last good certificate stays");
                });
    }

    private Optional<String> notReady() {
        return ready ? Optional.empty() : Optional.of("starting or stopping");
    }

    /** Lets running streams end, but no longer than the grace time. */
    void stop() throws InterruptedException {
        ready = false;
        long grace = live.loaded().config().timeouts().shutdown().toMillis();
        LOG.atInfo().addKeyValue("active", server.active()).log("stopping");
        timer.shutdownNow();
        Listeners.awaitEnd(server.stop(grace), Duration.ofMillis(grace).plus(STOP_LIMIT));
        // A blob that everyone has got may still be on its way to its name.
        fills.awaitIdle(Deadline.in(STOP_LIMIT));
        threads.shutdownNow();
        storage.close();
        Listeners.awaitEnd(admin.stop(), STOP_LIMIT);
        Listeners.awaitEnd(vertx.close(), STOP_LIMIT);
        LOG.atInfo().log("stopped");
    }

    int registryPort() {
        return server.port();
    }

    int adminPort() {
        return admin.port();
    }

    boolean ready() {
        return ready;
    }

    Instant startedAt() {
        return startedAt;
    }

    Storage storage() {
        return storage;
    }

    Mirroring mirroring() {
        return mirroring;
    }

    CacheMetrics.PerRegistry sums(RegistryConfig registry) {
        return metrics.of(registry.host());
    }

    Optional<UpstreamSource> source(UpstreamSettings settings) {
        return Optional.ofNullable(sources.get(settings));
    }
}
