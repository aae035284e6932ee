package dev.larder.operator.mirroredimage;

import dev.larder.operator.registrycache.desired.Names;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the ConfigMaps with the table of mirrored tags: one file changes with one resource, and none is written that is as
 * it was. The first change is written at once, those that follow within moments together, so that thousands of resources
 * that come at a time do not write a file each. What somebody else has changed or deleted comes back with the next reconcile
 * of a resource in it, a minute later at the earliest. Each file belongs to the resources in it, so that the last of them
 * takes it along also when no operator runs; the file with the nodes belongs to the RegistryCaches. Thread-safe: a file is
 * written by one thread at a time, so that an older one never comes last, and but for the first time nobody waits for that.
 */
final class TableWriter {

    private static final Logger LOG = LoggerFactory.getLogger(TableWriter.class);

    /** How long a file is taken to be as it was written. */
    private static final Duration TRUSTED = Duration.ofMinutes(1);

    private static final Duration AFTER_FAILURE = Duration.ofSeconds(10);

    private final KubernetesClient client;
    private final String namespace;
    private final Clock clock;
    private final Later later;

    /** Guarded by this, as is the rest. */
    private final List<TableFile> files = new ArrayList<>();

    private final NodeGroups groups = new NodeGroups();

    /** By the resource's name, where it was last. */
    private final Map<String, Integer> shards = new HashMap<>();

    private final Set<String> scheduled = new HashSet<>();
    private boolean complete;

    /** Runs something once the time is over. */
    interface Later {
        void run(Duration delay, Runnable task);
    }

    TableWriter(KubernetesClient client, String namespace, Clock clock, Later later) {
        this.client = client;
        this.namespace = namespace;
        this.clock = clock;
        this.later = later;
        for (int number = 0; number < Names.MIRROR_SHARDS; number++) {
            files.add(new TableFile(number));
        }
    }

    /**
     * Takes over one resource's part, and what its group of nodes is now.
     *
     * @param all of every resource as their statuses have them, asked for once after a start, so that no file is written
     *     before everything that belongs into it is known
     */
    TableFile.Place put(TagTable.Part part, NodeGroup group, Supplier<List<TagTable.Part>> all)
            throws InterruptedException {
        if (isElsewhere(part)) {
            remove(part.name());
        }
        for (TableObject object : taken(part, group, all)) {
            tend(object);
            while (!isKnown(object)) {
                tend(object);
            }
        }
        synchronized (this) {
            return files.get(part.shard()).place(part.name(), groups.place(part.group()));
        }
    }

    /**
     * After a start all is there from before, which shows once a file was compared: nobody is called unready until then. Waits
     * for whoever is at it.
     */
    private synchronized boolean isKnown(TableObject object) throws InterruptedException {
        while (!object.writing().isKnown() && object.writing().isBeingWritten()) {
            wait();
        }
        return object.writing().isKnown();
    }

    private synchronized boolean isElsewhere(TagTable.Part part) {
        Integer before = shards.get(part.name());
        return complete && before != null && before != part.shard();
    }

    /** Where something may have to be written for it. */
    private synchronized List<TableObject> taken(
            TagTable.Part part, NodeGroup group, Supplier<List<TagTable.Part>> all) {
        boolean first = !complete;
        if (first) {
            loadGroups();
            all.get().forEach(this::take);
            complete = true;
        }
        boolean regrouped = take(part);
        groups.put(group);
        if (first || regrouped) {
            dropUnusedGroups();
        }
        TableFile file = files.get(part.shard());
        return !part.group().isEmpty() || groups.writing().isDirty() ? List.of(groups, file) : List.of(file);
    }

    void remove(String name) {
        TableFile file;
        synchronized (this) {
            Integer shard = shards.remove(name);
            if (shard == null || !complete) {
                return;
            }
            file = files.get(shard);
            file.remove(name);
            dropUnusedGroups();
        }
        List.of(file, groups).forEach(object -> orLater(object, () -> writeOrSchedule(object)));
    }

    /** The newest states of the files with tags, by name, without those that there are none of. */
    synchronized Map<String, String> revisions() {
        Map<String, String> revisions = new TreeMap<>();
        files.stream()
                .filter(file -> !file.writing().revision().isEmpty())
                .forEach(file -> revisions.put(
                        Names.mirrorFile(file.number()), file.writing().revision()));
        return revisions;
    }

    private boolean take(TagTable.Part part) {
        shards.put(part.name(), part.shard());
        return files.get(part.shard()).put(part);
    }

    private void loadGroups() {
        ConfigMap present = client.configMaps()
                .inNamespace(namespace)
                .withName(groups.name())
                .get();
        if (present != null && present.getData() != null) {
            groups.load(present.getData().getOrDefault(Names.NODES_FILE, ""), clock.instant());
        }
    }

    private void dropUnusedGroups() {
        groups.retain(files.stream()
                .flatMap(file -> file.parts().stream())
                .map(TagTable.Part::group)
                .collect(Collectors.toSet()));
    }

    private void tend(TableObject object) {
        toBeLookedAt(object).or(() -> toBeWritten(object)).ifPresent(rendered -> write(object, rendered));
    }

    private void writeOrSchedule(TableObject object) {
        toBeWritten(object).ifPresent(rendered -> write(object, rendered));
    }

    private synchronized Optional<TableObject.Rendered> toBeLookedAt(TableObject object) {
        Writing writing = object.writing();
        boolean now =
                !writing.isDirty() && !writing.isBeingWritten() && writing.isToBeLookedAt(clock.instant(), TRUSTED);
        return now ? Optional.of(begin(object)) : Optional.empty();
    }

    /** What is to be written at once, if it is, and nobody is at it. */
    private synchronized Optional<TableObject.Rendered> toBeWritten(TableObject object) {
        Writing writing = object.writing();
        if (!writing.isDirty()) {
            return Optional.empty();
        }
        if (writing.isBeingWritten() || !writing.mayBeWritten(clock.instant())) {
            schedule(object, writing.pause());
            return Optional.empty();
        }
        return Optional.of(begin(object));
    }

    private TableObject.Rendered begin(TableObject object) {
        TableObject.Rendered rendered = object.render();
        object.writing().begins();
        return rendered;
    }

    private synchronized void schedule(TableObject object, Duration delay) {
        if (scheduled.add(object.name())) {
            later.run(delay, () -> writeScheduled(object));
        }
    }

    private void writeScheduled(TableObject object) {
        TableObject.Rendered rendered;
        synchronized (this) {
            scheduled.remove(object.name());
            if (!object.writing().isDirty()) {
                return;
            }
            if (object.writing().isBeingWritten()) {
                schedule(object, object.writing().pause());
                return;
            }
            rendered = begin(object);
        }
        orLater(object, () -> write(object, rendered));
    }

    /** For those that no reconcile would try again. */
    private void orLater(TableObject object, Runnable attempt) {
        try {
            attempt.run();
        } catch (KubernetesClientException e) {
            LOG.warn("cannot write the table of mirrored tags {}: {}", object.name(), e.getMessage());
            schedule(object, AFTER_FAILURE);
        }
    }

    private void write(TableObject object, TableObject.Rendered rendered) {
        Instant begun = clock.instant();
        boolean there = false;
        try {
            apply(object.name(), rendered);
            there = true;
        } finally {
            ended(object.writing(), there ? rendered : null, begun);
        }
    }

    /** @param rendered null when it could not be written */
    private synchronized void ended(Writing writing, TableObject.@Nullable Rendered rendered, Instant begun) {
        if (rendered == null) {
            writing.isNotThere();
        } else {
            Instant now = clock.instant();
            writing.isThere(rendered.revision(), rendered.contents(), now);
            writing.took(Duration.between(begun, now));
        }
        notifyAll();
    }

    private void apply(String name, TableObject.Rendered rendered) {
        var resource = client.configMaps().inNamespace(namespace).withName(name);
        ConfigMap present = resource.get();
        if (rendered.files().isEmpty()) {
            if (present != null) {
                resource.delete();
            }
            return;
        }
        ConfigMap wanted = new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .addToLabels(Names.MANAGED_BY_LABEL, Names.OPERATOR)
                .addToLabels(Names.PART_OF_LABEL, "larder")
                .withOwnerReferences(rendered.owners())
                .endMetadata()
                .withData(rendered.files())
                .build();
        if (present == null) {
            client.resource(wanted).create();
        } else if (!Objects.equals(present.getData(), wanted.getData())
                || !Objects.equals(
                        present.getMetadata().getOwnerReferences(),
                        wanted.getMetadata().getOwnerReferences())) {
            // Without it the client would read the whole object once more.
            wanted.getMetadata().setResourceVersion(present.getMetadata().getResourceVersion());
            client.resource(wanted).update();
        }
    }
}
