package dev.larder.operator.events;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes events.k8s.io/v1 Events about cluster-scoped objects. The same event again within some minutes becomes a count on
 * the first one; an object that causes more than a burst of different ones is cut off until some time has passed. An event
 * that cannot be written is logged and forgotten: nothing depends on it. Guarded by its own lock, which is never held during
 * a request.
 */
public final class EventRecorder {

    /** Where Kubernetes keeps the Events of objects without a namespace. */
    private static final String NAMESPACE = "default";

    private static final String CONTROLLER = "larder.dev/operator";
    private static final Duration SAME = Duration.ofMinutes(10);
    private static final int BURST = 20;
    private static final int REMEMBERED = 1024;
    private static final int MAX_NOTE = 1024;
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
    private static final Logger LOG = LoggerFactory.getLogger(EventRecorder.class);

    /** Events look like this in kubectl. */
    public enum Type {
        Normal,
        Warning
    }

    private record Key(String uid, Type type, String reason, String note) {}

    private record Written(String name, Instant last, int count) {}

    private final KubernetesClient client;
    private final Clock clock;
    private final String instance;
    private final Map<Key, Written> written = bounded();
    private final Map<String, RateLimit> limits = bounded();

    /** @param instance this operator's pod */
    public EventRecorder(KubernetesClient client, Clock clock, String instance) {
        this.client = client;
        this.clock = clock;
        this.instance = instance;
    }

    /** @param action what was being done, in one word */
    public void record(HasMetadata about, Type type, String reason, String action, String note) {
        Instant now = clock.instant();
        String shortNote = note.length() <= MAX_NOTE ? note : note.substring(0, MAX_NOTE - 1) + "…";
        Key key = new Key(about.getMetadata().getUid(), type, reason, shortNote);
        Written entry;
        synchronized (this) {
            Written before = written.get(key);
            boolean again = before != null && before.last().plus(SAME).isAfter(now);
            boolean allowed = again
                    || limits.computeIfAbsent(key.uid(), uid -> new RateLimit(BURST, Duration.ofMinutes(1), now))
                            .take(now);
            if (!allowed) {
                LOG.debug(
                        "too many events about {}, not written: {} {}",
                        about.getMetadata().getName(),
                        reason,
                        note);
                return;
            }
            entry = again && before != null
                    ? new Written(before.name(), now, before.count() + 1)
                    : new Written(eventName(about, now), now, 1);
            written.put(key, entry);
        }
        try {
            if (entry.count() == 1) {
                client.resource(event(about, key, action, entry)).create();
            } else {
                countAgain(entry);
            }
        } catch (KubernetesClientException e) {
            LOG.warn(
                    "cannot write the event {} about {}: {}",
                    reason,
                    about.getMetadata().getName(),
                    e.getMessage());
        }
    }

    /** By server-side apply, since a patch of another type would need the permission to read Events too. */
    private void countAgain(Written entry) {
        Event series = new EventBuilder()
                .withNewMetadata()
                .withName(entry.name())
                .withNamespace(NAMESPACE)
                .endMetadata()
                .withNewSeries()
                .withCount(entry.count())
                .withLastObservedTime(new MicroTime(MICROS.format(entry.last())))
                .endSeries()
                .build();
        client.resource(series).fieldManager(CONTROLLER).forceConflicts().serverSideApply();
    }

    private Event event(HasMetadata about, Key key, String action, Written entry) {
        return new EventBuilder()
                .withNewMetadata()
                .withName(entry.name())
                .withNamespace(NAMESPACE)
                .endMetadata()
                .withEventTime(new MicroTime(MICROS.format(entry.last())))
                .withReportingController(CONTROLLER)
                .withReportingInstance(instance)
                .withAction(action)
                .withReason(key.reason())
                .withType(key.type().name())
                .withNote(key.note())
                .withRegarding(new ObjectReferenceBuilder()
                        .withApiVersion(about.getApiVersion())
                        .withKind(about.getKind())
                        .withName(about.getMetadata().getName())
                        .withUid(about.getMetadata().getUid())
                        .withResourceVersion(about.getMetadata().getResourceVersion())
                        .build())
                .build();
    }

    private static String eventName(HasMetadata about, Instant now) {
        return about.getMetadata().getName() + "."
                + Long.toHexString(now.getEpochSecond() * 1_000_000_000L + now.getNano());
    }

    private static <K, V> Map<K, V> bounded() {
        return new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > REMEMBERED;
            }
        };
    }
}
