package dev.larder.operator.registrycache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.Condition;
import dev.larder.crds.v1alpha1.Condition.Status;
import dev.larder.crds.v1alpha1.RegistryCacheStatus;
import dev.larder.operator.events.EventRecorder;
import dev.larder.operator.registrycache.Announcements.Announcement;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class AnnouncementsTest {

    @Test
    void firstLook_saysOnlyWhatMatters() {
        assertThat(Announcements.between(
                        RegistryCacheStatus.NONE,
                        status(
                                "rev1",
                                condition("Ready", Status.False, "Progressing"),
                                condition("Progressing", Status.True, "RollingOut"),
                                condition("Degraded", Status.False, "AsExpected"),
                                condition("Conflict", Status.True, "OlderKeeps"),
                                condition("ContainerdConfigured", Status.Unknown, "Waiting"))))
                .extracting(Announcement::type, Announcement::reason)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(EventRecorder.Type.Normal, "ConfigRendered"),
                        org.assertj.core.groups.Tuple.tuple(EventRecorder.Type.Warning, "ConflictOlderKeeps"));
    }

    @Test
    void becomingReady_isSaidOnce() {
        RegistryCacheStatus before = status("rev1", condition("Ready", Status.False, "Progressing"));
        RegistryCacheStatus after = status("rev1", condition("Ready", Status.True, "Serving"));
        assertThat(Announcements.between(before, after))
                .containsExactly(new Announcement(EventRecorder.Type.Normal, "Ready", "message"));
        assertThat(Announcements.between(after, after)).isEmpty();
    }

    @Test
    void troubleAndItsEnd_areSaid() {
        RegistryCacheStatus fine = status("rev1", condition("ContainerdConfigured", Status.True, "EntriesPresent"));
        RegistryCacheStatus bad = status("rev1", condition("ContainerdConfigured", Status.False, "ConfigPathNotUsed"));
        assertThat(Announcements.between(fine, bad))
                .containsExactly(new Announcement(
                        EventRecorder.Type.Warning, "ContainerdConfiguredConfigPathNotUsed", "message"));
        assertThat(Announcements.between(bad, fine))
                .containsExactly(
                        new Announcement(EventRecorder.Type.Normal, "ContainerdConfiguredEntriesPresent", "message"));
    }

    private static RegistryCacheStatus status(String revision, Condition... conditions) {
        return new RegistryCacheStatus(1L, Arrays.asList(conditions), null, java.util.List.of(), null, revision);
    }

    private static Condition condition(String type, Status status, String reason) {
        return new Condition(type, status, 1L, "2026-11-22T06:00:00Z", reason, "message");
    }
}
