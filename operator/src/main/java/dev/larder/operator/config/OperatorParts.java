package dev.larder.operator.config;

import dev.larder.crds.v1alpha1.MirroredImage;
import dev.larder.operator.cloud.CloudLogins;
import dev.larder.operator.cloud.Clouds;
import dev.larder.operator.events.EventRecorder;
import dev.larder.operator.metrics.ResourceMetrics;
import dev.larder.operator.mirroredimage.MirrorParts;
import dev.larder.operator.mirroredimage.MirroredImageReconciler;
import dev.larder.operator.mirroredimage.TrimmedImages;
import dev.larder.operator.nodes.JobClient;
import dev.larder.operator.nodes.NodeCacheClient;
import dev.larder.operator.registrycache.NodeCertificates;
import dev.larder.operator.registrycache.RegistryCacheReconciler;
import dev.larder.operator.registrycache.desired.Settings;
import dev.larder.operator.tls.JobCertificates;
import dev.larder.operator.tls.NodeConnections;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
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
import io.micrometer.prometheus.PrometheusMeterRegistry;
import io.quarkiverse.operatorsdk.runtime.QuarkusConfigurationService;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.net.HttpURLConnection;
import java.net.http.HttpClient;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
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

    /** A reconcile waits for the clouds at most this long. */
    private static final Duration CLOUDS_DEADLINE = Duration.ofSeconds(10);

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
    JobCertificates jobCertificates(KubernetesClient client, OperatorConfig config, Clock clock) {
        return new JobCertificates(client, config.namespace(), clock);
    }

    @Produces
    @Singleton
    NodeCertificates nodeCertificates(JobCertificates certificates) {
        return new NodeCertificates(() -> certificates.ensure().nodesSince());
    }

    @Produces
    @Singleton
    NodeCacheClient nodeCacheClient(JobCertificates certificates) {
        var threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("node-cache-status-", 0).factory());
        HttpClient http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(1))
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(HttpClient.Builder.NO_PROXY) // nodes are never behind one
                .executor(threads)
                .build();
        return new NodeCacheClient(new NodeConnections(certificates::ensure, threads), http, threads, NODES_DEADLINE);
    }

    @Produces
    @Singleton
    CloudLogins cloudLogins(Clock clock) {
        var threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("cloud-login-", 0).factory());
        HttpClient http = HttpClient.newBuilder()
                .connectTimeout(Duration.ofSeconds(3))
                .followRedirects(HttpClient.Redirect.NEVER)
                .executor(threads)
                .build();
        return new CloudLogins(
                Clouds.of(http, System.getenv(), clock),
                clock,
                threads,
                CLOUDS_DEADLINE,
                () -> ThreadLocalRandom.current().nextDouble());
    }

    @Produces
    @Singleton
    EventRecorder eventRecorder(KubernetesClient client, Clock clock, OperatorConfig config) {
        return new EventRecorder(client, clock, config.podName().orElse(LEASE));
    }

    /** As the extension makes it, with {@link AllEventsConfiguration}. */
    @Produces
    @ApplicationScoped
    Operator operator(
            QuarkusConfigurationService service,
            RegistryCacheReconciler reconciler,
            MirroredImageReconciler mirroring,
            KubernetesClient client) {
        Operator operator = new Operator(service);
        operator.register(reconciler, AllEventsConfiguration.of(reconciler, service));
        if (knowsMirroredImages(client)) {
            operator.register(mirroring, AllEventsConfiguration.of(mirroring, service, new TrimmedImages()));
        }
        operator.installShutdownHook(service.reconciliationTerminationTimeout());
        return operator;
    }

    /** Helm does not bring a CRD that came with a later version of the chart, and the rest is to work without it. */
    private static boolean knowsMirroredImages(KubernetesClient client) {
        try {
            client.resources(MirroredImage.class)
                    .list(new ListOptionsBuilder().withLimit(1L).build());
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                LOG.warn("there is no CRD of MirroredImages: apply the chart's crds/ folder and restart the operator");
                return false;
            }
            return true; // an API server that is away is waited for as ever
        }
    }

    @Produces
    @Singleton
    MirrorParts mirrorParts(
            KubernetesClient client, OperatorConfig config, NodeCacheClient nodes, JobCertificates certificates) {
        var threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("upstream-check-", 0).factory());
        JobClient jobs = new JobClient(new NodeConnections(certificates::ensure, threads));
        return new MirrorParts(client, config.namespace(), nodes, jobs, threads);
    }

    /** The extension makes a Prometheus registry for everybody who asks; this is the one that is served. */
    @SuppressWarnings("deprecation") // for Micrometer, but the extension has no other
    @Produces
    @Singleton
    ResourceMetrics resourceMetrics(PrometheusMeterRegistry registry) {
        return new ResourceMetrics().register(registry.getPrometheusRegistry());
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
