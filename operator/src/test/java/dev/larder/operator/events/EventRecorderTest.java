package dev.larder.operator.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.operator.registrycache.desired.Plans;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@EnableKubernetesMockClient(crud = true)
class EventRecorderTest {

    @SuppressWarnings("NullAway.Init") // set by the extension
    KubernetesClient client;

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-22T06:00:00Z"));
    private final HasMetadata cache = Plans.cache("default", "{}");

    @SuppressWarnings("NullAway.Init")
    private EventRecorder recorder;

    @BeforeEach
    void record() {
        InstantSource source = now::get;
        Clock clock = source.withZone(ZoneOffset.UTC);
        recorder = new EventRecorder(client, clock, "operator-0");
    }

    @Test
    void event_saysWhatHappenedToWhom() {
        recorder.record(cache, EventRecorder.Type.Warning, "NodesFailing", "Reconcile", "n1 is in trouble");
        Event event = events().getFirst();
        assertThat(event.getMetadata().getNamespace()).isEqualTo("default");
        assertThat(event.getRegarding().getKind()).isEqualTo("RegistryCache");
        assertThat(event.getRegarding().getApiVersion()).isEqualTo("larder.dev/v1alpha1");
        assertThat(event.getRegarding().getUid()).isEqualTo("uid-default");
        assertThat(event.getReason()).isEqualTo("NodesFailing");
        assertThat(event.getNote()).isEqualTo("n1 is in trouble");
        assertThat(event.getType()).isEqualTo("Warning");
        assertThat(event.getReportingInstance()).isEqualTo("operator-0");
        assertThat(event.getSeries()).isNull();
    }

    @Test
    void sameAgainSoon_isNoNewEvent() {
        for (int i = 0; i < 3; i++) {
            recorder.record(cache, EventRecorder.Type.Warning, "NodesFailing", "Reconcile", "n1");
            now.set(now.get().plus(Duration.ofMinutes(1)));
        }
        // That it is counted there, a real API server shows: OperatorE2E.
        assertThat(events()).hasSize(1);
    }

    @Test
    void sameMuchLater_isANewEvent() {
        recorder.record(cache, EventRecorder.Type.Normal, "Ready", "Reconcile", "all nodes");
        now.set(now.get().plus(Duration.ofMinutes(11)));
        recorder.record(cache, EventRecorder.Type.Normal, "Ready", "Reconcile", "all nodes");
        assertThat(events()).hasSize(2);
    }

    @Test
    void flood_isCutOffAndComesBackSlowly() {
        for (int i = 0; i < 50; i++) {
            now.set(now.get().plusMillis(1));
            recorder.record(cache, EventRecorder.Type.Warning, "Flapping", "Reconcile", "note " + i);
        }
        assertThat(events()).hasSize(20);
        now.set(now.get().plus(Duration.ofMinutes(2)));
        for (int i = 50; i < 60; i++) {
            now.set(now.get().plusMillis(1));
            recorder.record(cache, EventRecorder.Type.Warning, "Flapping", "Reconcile", "note " + i);
        }
        assertThat(events()).hasSize(22);
    }

    @Test
    void longNotes_areCut() {
        recorder.record(cache, EventRecorder.Type.Normal, "Long", "Reconcile", "x".repeat(5000));
        assertThat(events().getFirst().getNote()).hasSize(1024);
    }

    private List<Event> events() {
        return client.events().v1().events().inNamespace("default").list().getItems();
    }
}
