package dev.larder.operator.config;

import dev.larder.operator.events.EventRecorder;
import dev.larder.operator.nodes.NodeCacheClient;
import dev.larder.operator.registrycache.RegistryCacheReconciler;
import dev.larder.operator.registrycache.desired.Settings;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.monitoring.micrometer.MicrometerMetricsV2;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.config.MeterFilter;
import io.quarkiverse.operatorsdk.runtime.QuarkusConfigurationService;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.net.http.HttpClient;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Builds the parts that the reconcilers are given. */
@Singleton
public class OperatorParts {

    private static final Logger LOG = LoggerFactory.getLogger(OperatorParts.class);
    private static final String LEASE = "larder-operator";
    /** An API server that is away for less does not cost the lease; a leader that dies is followed this much later. */
    private static final Duration RENEW_DEADLINE = Duration.ofSeconds(25);

    private static final Duration LEASE_DURATION = Duration.ofSeconds(30);
    private static final Duration RETRY_PERIOD = Duration.ofSeconds(3);
    /** A reconcile waits for the nodes at most this long. */
    private static final Duration NODES_DEADLINE = Duration.ofSeconds(5);

    private final AtomicBoolean stopping = new AtomicBoolean();

    void onStop(@Observes ShutdownEvent event) {
        stopping.set(true);
    }

    @Produces
    @Singleton
    Clock clock() {
        return Clock.systemUTC();
    }

    @Produces
    @Singleton
    Settings settings(OperatorConfig config) {
        return new Settings(
                config.namespace(),
                config.nodeCacheImage(),
                config.imagePullPolicy(),
                config.imagePullSecrets().orElse(List.of()).stream()
                        .filter(name -> !name.isBlank())
                        .toList());
    }

    @Produces
    @Singleton
    NodeCacheClient nodeCacheClient() {
        var threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("node-cache-status-", 0).factory());
        HttpClient http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(1))
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(HttpClient.Builder.NO_PROXY) // nodes are never behind one
                .executor(threads)
                .build();
        return new NodeCacheClient(http, threads, NODES_DEADLINE);
    }

    @Produces
    @Singleton
    EventRecorder eventRecorder(KubernetesClient client, Clock clock, OperatorConfig config) {
        return new EventRecorder(client, clock, config.podName().orElse(LEASE));
    }

    /** As the extension makes it, with {@link AllEventsConfiguration}. */
    @Produces
    @ApplicationScoped
    Operator operator(QuarkusConfigurationService service, RegistryCacheReconciler reconciler) {
        Operator operator = new Operator(service);
        operator.register(reconciler, AllEventsConfiguration.of(reconciler, service));
        operator.installShutdownHook(service.reconciliationTerminationTimeout());
        return operator;
    }

    /** The extension's own bean stays a no-op in the version used, so that no meter of the SDK would appear. */
    @Produces
    @Singleton
    Metrics metrics(MeterRegistry registry) {
        return MicrometerMetricsV2.newBuilder(registry).build();
    }

    /**
     * The SDK counts some events with an action and some without, which Prometheus refuses with an exception: it would end
     * the timer thread, and with it every reconcile that is due later.
     */
    @Produces
    @Singleton
    MeterFilter sameTagsForAllEvents() {
        return new MeterFilter() {
            @Override
            public Meter.Id map(Meter.Id id) {
                return id.getName().equals("events.received") && id.getTag("action") == null
                        ? id.withTag(Tag.of("action", "none"))
                        : id;
            }
        };
    }

    /**
     * In the version used the SDK does not end the process when the lease is lost, and when told to do so it would wait for
     * itself on SIGTERM. So losing the lease stops the program here, unless it is stopping already.
     */
    @Produces
    @Dependent
    @Nullable
    LeaderElectionConfiguration leaderElection(OperatorConfig config) {
        if (!config.leaderElection()) {
            return null;
        }
        LeaderCallbacks callbacks = new LeaderCallbacks(() -> {}, this::onLeadershipLost, leader -> {});
        return LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(LEASE)
                .withLeaseNamespace(config.namespace())
                .withIdentity(config.podName().orElse(null))
                .withLeaderCallbacks(callbacks)
                .withLeaseDuration(LEASE_DURATION)
                .withRenewDeadline(RENEW_DEADLINE)
                .withRetryPeriod(RETRY_PERIOD)
                .build();
    }

    private void onLeadershipLost() {
        if (!stopping.get()) {
            LOG.warn("the lease was lost: stopping, so that two operators never work at once");
            Quarkus.asyncExit(1);
        }
    }
}
