package dev.larder.operator.mirroredimage;

import dev.larder.operator.registrycache.desired.Names;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What of one file has been written, and which of its states have what belongs to each of those with a part in it. Guarded
 * by the {@link TableWriter} whose it is.
 */
final class Writing {

    /** What has changed within so much time is written together. */
    static final Duration TOGETHER = Duration.ofSeconds(3);

    /** With all files changing all the time, writing them takes a third of it. */
    private static final int PAUSES_FOR_A_WRITE = 3 * Names.MIRROR_SHARDS;

    /** One write that happened to be slow must not keep a rollback from the nodes for long. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    /** Who has not got one of so many latest states has to get the next. */
    private static final int REMEMBERED = 64;

    /** Of each part, what it last was in the file, and since which state. */
    private final Map<String, Rendered> rendered = new HashMap<>();
    /** The numbers of the latest states, by their revisions. */
    private final Map<String, Long> written = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > REMEMBERED;
        }
    };

    private final Set<String> changed = new HashSet<>();
    /** What of the changes is being written. */
    private final Set<String> underWay = new HashSet<>();

    private long states;
    private String revision = "";
    private boolean dirty;
    private boolean beingWritten;
    /** Whether what is being written was dirty, or is only looked at. */
    private boolean wasDirty;

    private Duration took = Duration.ZERO;

    private @Nullable Instant writtenAt;
    private @Nullable Instant lookedAt;

    private record Rendered(String content, long since) {}

    /** @param dirty whether it has to be written once, whatever is in it */
    Writing(boolean dirty) {
        this.dirty = dirty;
    }

    /** The newest state that was written. */
    String revision() {
        return revision;
    }

    void changed(String part) {
        changed.add(part);
        dirty = true;
    }

    void gone(String part) {
        rendered.remove(part);
        changed.remove(part);
        underWay.remove(part);
        dirty = true;
    }

    /**
     * What was rendered is being written; {@link #isThere} or {@link #isNotThere} follows. What changes meanwhile makes it dirty
     * again.
     */
    void begins() {
        beingWritten = true;
        wasDirty = dirty;
        dirty = false;
        underWay.addAll(changed);
        changed.clear();
    }

    boolean isBeingWritten() {
        return beingWritten;
    }

    /** Whether it was written, or found as it would be written, since the start; or there is nothing to write. */
    boolean isKnown() {
        return writtenAt != null || !(dirty || beingWritten);
    }

    /** After a write: a large file, or a slow API server, is not kept busy by it. */
    Duration pause() {
        Duration share = took.multipliedBy(PAUSES_FOR_A_WRITE);
        return Collections.max(List.of(TOGETHER, Collections.min(List.of(share, LONGEST_PAUSE))));
    }

    /** How long it took to write it last. */
    void took(Duration time) {
        took = time;
    }

    /** Whether something is to be written. */
    boolean isDirty() {
        return dirty;
    }

    /** Whether it was written so long ago that it may be written now. */
    boolean mayBeWritten(Instant now) {
        return writtenAt == null || !writtenAt.plus(pause()).isAfter(now);
    }

    /** Whether it was looked at so long ago that somebody may have changed it meanwhile. */
    boolean isToBeLookedAt(Instant now, Duration trusted) {
        return lookedAt == null || now.isAfter(lookedAt.plus(trusted));
    }

    /**
     * It is in the API server as it was rendered.
     *
     * @param contents a short name for what each part is in it, without those that no longer fit
     */
    void isThere(String newRevision, Map<String, String> contents, Instant now) {
        beingWritten = false;
        lookedAt = now;
        if (!wasDirty) {
            return;
        }
        states++;
        rendered.keySet().retainAll(contents.keySet());
        contents.forEach((part, content) -> {
            Rendered before = rendered.get(part);
            if (before == null || !before.content().equals(content)) {
                rendered.put(part, new Rendered(content, states));
            }
        });
        written.remove(newRevision);
        written.put(newRevision, states);
        revision = newRevision;
        writtenAt = now;
        underWay.clear();
    }

    /** It could not be written. */
    void isNotThere() {
        beingWritten = false;
        dirty |= wasDirty;
        changed.addAll(underWay);
        underWay.clear();
    }

    /** Whether it is to be written for this part, or being written. */
    boolean isChanged(String part) {
        return changed.contains(part) || underWay.contains(part);
    }

    /** Those that have the part as it is now; empty when none was written, or the file was full. */
    Optional<Set<String>> revisionsWith(String part) {
        Rendered own = rendered.get(part);
        return own == null
                ? Optional.empty()
                : Optional.of(written.entrySet().stream()
                        .filter(state -> state.getValue() >= own.since())
                        .map(Map.Entry::getKey)
                        .collect(Collectors.toSet()));
    }

    Set<String> revisions() {
        return written.keySet();
    }
}
