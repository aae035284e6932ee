package dev.larder.nodecache.containerd;

import static dev.larder.nodecache.containerd.HostsTomlTest.dockerHub;
import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.containerd.HostsWriterReport.RegistryState;
import dev.larder.nodecache.containerd.HostsWriterReport.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostsWriterTest {

    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

    @TempDir
    private Path host;

    @BeforeEach
    void arrange() throws IOException {
        Files.createDirectories(host.resolve("etc/containerd"));
    }

    private HostsWriter writer() {
        return new HostsWriter(
                "default",
                new HostRoot(host, List.of(host.resolve("etc/containerd"))),
                Clock.fixed(NOON, ZoneOffset.UTC));
    }

    private void containerdConfig(String configPath) throws IOException {
        Files.writeString(
                host.resolve("etc/containerd/config.toml"),
                "version = 3\n[plugins.'io.containerd.cri.v1.images'.registry]\nconfig_path = \"" + configPath
                        + "\"\n");
    }

    private static Wanted wanted(String configPath) {
        Optional<Path> path = configPath.equals("auto") ? Optional.empty() : Optional.of(Path.of(configPath));
        return new Wanted(true, "r1", path, List.of(dockerHub()), "");
    }

    private Path hostsToml(String root) {
        return host.resolve(root.substring(1)).resolve("docker.io/hosts.toml");
    }

    private static HostsWriterReport round(HostsWriter writer, Wanted wanted) {
        return writer.round(wanted, true, "", 0);
    }

    @Test
    void auto_nothingSet_usesTheUsualFolder() {
        HostsWriterReport report = round(writer(), wanted("auto"));
        assertThat(hostsToml("/etc/containerd/certs.d")).exists();
        assertThat(report.registries()).containsExactly(new RegistryState("docker.io", State.PRESENT, false, ""));
        assertThat(report.restored()).isFalse();
        assertThat(report.message()).isEmpty();
    }

    @Test
    void auto_oneFolder_usesIt() throws IOException {
        containerdConfig("/etc/containerd/hosts.d");
        round(writer(), wanted("auto"));
        assertThat(hostsToml("/etc/containerd/hosts.d")).exists();
    }

    @Test
    void auto_list_usesTheFirst() throws IOException {
        containerdConfig("/etc/containerd/a:/etc/docker/certs.d");
        HostsWriterReport report = round(writer(), wanted("auto"));
        assertThat(hostsToml("/etc/containerd/a")).exists();
        assertThat(report.facts().configPath()).contains("/etc/containerd/a:/etc/docker/certs.d");
        assertThat(report.used()).isEqualTo(Path.of("/etc/containerd/a"));
    }

    @Test
    void outsideOfWhatIsMounted_saysWhatToSet() throws IOException {
        containerdConfig("/var/lib/k/certs.d");
        HostsWriterReport report = round(writer(), wanted("auto"));
        assertThat(report.message())
                .contains("config_path /var/lib/k/certs.d of /etc/containerd/config.toml")
                .contains("set spec.containerd.configPath to /var/lib/k/certs.d");
        assertThat(report.registries().getFirst().state()).isEqualTo(State.FAILED);
        assertThat(host.resolve("var")).doesNotExist();
    }

    @Test
    void linkOutOfWhatIsMounted_saysWhereItLeads() throws IOException {
        Files.createSymbolicLink(host.resolve("etc/containerd/certs.d"), Path.of("/opt/certs"));
        HostsWriterReport report = round(writer(), wanted("/etc/containerd/certs.d"));
        assertThat(report.message())
                .contains("spec.containerd.configPath /etc/containerd/certs.d leads to /opt/certs")
                .contains("set spec.containerd.configPath to /opt/certs");
        assertThat(host.resolve("opt")).doesNotExist();
    }

    @Test
    void hostRootThatDoesNotExist_isSaid_andNotMade() {
        HostsWriter writer = new HostsWriter(
                "default", new HostRoot(host.resolve("nowhere"), List.of()), Clock.fixed(NOON, ZoneOffset.UTC));
        HostsWriterReport report = round(writer, wanted("auto"));
        assertThat(report.message()).contains("containerd.hostRoot " + host.resolve("nowhere"));
        assertThat(host.resolve("nowhere")).doesNotExist();
    }

    @Test
    void rootMoves_theOldOneIsLeftClean() throws IOException {
        containerdConfig("/etc/containerd/old");
        HostsWriter writer = writer();
        round(writer, wanted("auto"));
        round(writer, wanted("/etc/containerd/new"));
        assertThat(host.resolve("etc/containerd/old")).doesNotExist();
        assertThat(hostsToml("/etc/containerd/new")).exists();
    }

    @Test
    void cacheAway_isWithdrawn_notManaged_isRestored() {
        HostsWriter writer = writer();
        round(writer, wanted("auto"));
        HostsWriterReport away = writer.round(wanted("auto"), false, "the watchdog says", 3);
        assertThat(away.registries()).containsExactly(new RegistryState("docker.io", State.WITHDRAWN, false, ""));
        assertThat(away.restored()).isTrue();
        assertThat(away.kills()).isEqualTo(3);
        assertThat(away.message()).isEqualTo("the watchdog says");
        assertThat(host.resolve("etc/containerd/certs.d")).doesNotExist();
        round(writer, wanted("auto"));
        HostsWriterReport restored = writer.restoreAll(wanted("auto"), true, 3);
        assertThat(restored.manage()).isFalse();
        assertThat(restored.restored()).isTrue();
        assertThat(restored.registries()).containsExactly(new RegistryState("docker.io", State.RESTORED, false, ""));
    }

    @Test
    void oneRegistryFails_theOthersDoNot() throws IOException {
        Files.createDirectories(host.resolve("etc/containerd/certs.d/docker.io"));
        Files.writeString(hostsToml("/etc/containerd/certs.d"), "nonsense");
        HostsEntry other = new HostsEntry(
                "quay.io", HostsWriterReportTest.CACHE, dockerHub().upstreams());
        HostsWriterReport report =
                round(writer(), new Wanted(true, "r1", Optional.empty(), List.of(dockerHub(), other), ""));
        assertThat(report.registries()).extracting(RegistryState::state).containsExactly(State.FAILED, State.PRESENT);
        assertThat(report.registries().getFirst().message())
                .contains("/etc/containerd/certs.d/docker.io/hosts.toml")
                .contains("line 1");
    }

    @Test
    void folderThatCannotBeWritten_isSaid() throws IOException {
        Files.writeString(host.resolve("etc/containerd/certs.d"), "a file in the folder's place");
        HostsWriterReport report = round(writer(), wanted("auto"));
        assertThat(report.registries().getFirst().state()).isEqualTo(State.FAILED);
        assertThat(report.registries().getFirst().message())
                .contains("/etc/containerd/certs.d")
                .contains("spec.containerd.configPath");
        assertThat(host.resolve("etc/containerd/certs.d")).hasContent("a file in the folder's place");
    }

    @Test
    void abandonedCache_isOneThatRefusesForTenSeconds() {
        long[] now = {0};
        AbandonedCaches caches = new AbandonedCaches(() -> now[0]);
        assertThat(caches.test("http://127.0.0.1:1")).isFalse();
        now[0] = AbandonedCaches.PATIENCE.minus(Duration.ofMillis(1)).toNanos();
        assertThat(caches.test("http://127.0.0.1:1")).isFalse();
        now[0] = AbandonedCaches.PATIENCE.toNanos();
        assertThat(caches.test("http://127.0.0.1:1")).isTrue();
    }
}
