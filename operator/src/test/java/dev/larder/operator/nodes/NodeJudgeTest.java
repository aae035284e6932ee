package dev.larder.operator.nodes;

import static dev.larder.operator.nodes.Nodes.NOW;
import static dev.larder.operator.nodes.Nodes.REVISION;
import static dev.larder.operator.nodes.Nodes.SINGLE_FOLDER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.operator.nodes.NodeReport.Config;
import dev.larder.operator.nodes.NodeReport.ConfigPath;
import dev.larder.operator.nodes.NodeReport.HostsWriter;
import dev.larder.operator.nodes.NodeReport.Storage;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NodeJudgeTest {

    @Test
    void healthy_isReadyAndConfigured() {
        assertThat(judge(Nodes.observed("n1"))).isEqualTo(new NodeVerdict("n1", true, true, true, null, null));
    }

    @Test
    void kubeletGone_isTroubleNobodyWaitsFor() {
        NodeVerdict verdict = judge(Nodes.observed(
                Nodes.node("n1", "Unknown", "containerd://2.3.7"), Nodes.pod("n1", true), Nodes.report()));
        assertThat(verdict.answering()).isFalse();
        assertThat(reason(verdict)).isEqualTo("NodeNotReady");
    }

    @ParameterizedTest
    @ValueSource(strings = {"CrashLoopBackOff", "ImagePullBackOff", "CreateContainerConfigError"})
    void containerCannotRun_isTroubleWithItsReason(String waiting) {
        Pod pod = Nodes.with(Nodes.pod("n1", false), "node-cache", Nodes.waiting(waiting), new ContainerState(), 3);
        NodeVerdict verdict = judge(Nodes.observed(Nodes.node("n1"), pod, Nodes.report()));
        assertThat(reason(verdict)).isEqualTo(waiting);
        assertThat(message(verdict)).contains("node-cache").contains("because");
    }

    @Test
    void containerBeingCreated_isWaitedFor() {
        Pod pod = young(Nodes.with(
                Nodes.pod("n1", false), "node-cache", Nodes.waiting("ContainerCreating"), new ContainerState(), 0));
        NodeVerdict verdict =
                judge(new ObservedNode("n1", Nodes.node("n1"), pod, new NodeAnswer.Silent("connection refused")));
        assertThat(verdict.waitingFor()).contains("start");
    }

    @Test
    void notReadyForLong_isTrouble() {
        NodeVerdict verdict = judge(new ObservedNode(
                "n1", Nodes.node("n1"), Nodes.pod("n1", false), new NodeAnswer.Silent("connection refused")));
        assertThat(reason(verdict)).isEqualTo("NotReady");
        assertThat(message(verdict)).contains("connection refused");
    }

    @Test
    void readyButSilent_namesThePortToOpen() {
        NodeVerdict verdict = judge(
                new ObservedNode("n1", Nodes.node("n1"), Nodes.pod("n1", true), new NodeAnswer.Silent("timed out")));
        assertThat(reason(verdict)).isEqualTo("NoAnswer");
        assertThat(verdict.ready()).isTrue();
        assertThat(message(verdict)).contains("5153").contains("timed out");
    }

    @Test
    void silenceWhileACertificateIsOnItsWay_isNoTrouble_forTwoMinutes() {
        Instant made = NOW.minusSeconds(10);
        Expected expected = new Expected("default", REVISION, List.of("docker.io"), true, 5153, made);
        ObservedNode node =
                new ObservedNode("n1", Nodes.node("n1"), Nodes.pod("n1", true), new NodeAnswer.Silent("PKIX failed"));
        NodeVerdict soon = new NodeJudge(expected, NOW).judge(node);
        assertThat(soon.trouble()).isNull();
        assertThat(soon.ready()).isTrue();
        assertThat(soon.waitingFor()).contains("certificate").contains("PKIX failed");
        NodeVerdict late = new NodeJudge(expected, made.plusSeconds(121)).judge(node);
        assertThat(reason(late)).isEqualTo("NoAnswer");
    }

    @Test
    void anotherResourceOnThePort_isTrouble() {
        NodeReport other = new NodeReport(
                "0.1.0",
                "other",
                true,
                new Config(REVISION, List.of()),
                Storage.UNKNOWN,
                List.of(),
                null,
                NodeReport.Mirror.NONE);
        NodeVerdict verdict = judge(Nodes.observed(Nodes.node("n1"), Nodes.pod("n1", true), other));
        assertThat(reason(verdict)).isEqualTo("PortTaken");
        assertThat(message(verdict)).contains("other").contains("spec.ports");
    }

    @Test
    void rejectedConfig_isTroubleWithTheProblem() {
        NodeReport report = new NodeReport(
                "0.1.0",
                "default",
                true,
                new Config("old", List.of("storage.size: \"x\" is not a size")),
                Storage.UNKNOWN,
                List.of(),
                null,
                NodeReport.Mirror.NONE);
        NodeVerdict verdict = judge(Nodes.observed(Nodes.node("n1"), Nodes.pod("n1", true), report));
        assertThat(reason(verdict)).isEqualTo("ConfigRejected");
        assertThat(message(verdict)).contains("storage.size");
    }

    private static ObservedNode stored(Storage storage) {
        NodeReport healthy = Nodes.report();
        return Nodes.observed(
                Nodes.node("n1"),
                Nodes.pod("n1", true),
                new NodeReport(
                        healthy.version(),
                        healthy.resource(),
                        true,
                        healthy.config(),
                        storage,
                        healthy.registries(),
                        healthy.hostsWriter(),
                        healthy.mirror()));
    }

    @ParameterizedTest
    @CsvSource({"3, 12, 15, false", "3, 11, 15, true", "0, 15, 15, false", "0, 0, 0, false"})
    void aDiskThatOthersFill_isTrouble_whenNotEvenAnEmptyCacheLeavesEnoughFree(
            long used, long free, long minFree, boolean trouble) {
        long gib = 1L << 30;
        NodeVerdict verdict =
                judge(stored(new Storage("/var/lib/larder", true, "", used * gib, free * gib, minFree * gib)));
        assertThat(verdict.trouble() != null).isEqualTo(trouble);
        if (trouble) {
            assertThat(reason(verdict)).isEqualTo("NoRoom");
            assertThat(message(verdict)).contains("15.0 GiB", "/var/lib/larder", "storage.path", "storage.minFree");
        }
    }

    @Test
    void fullDisk_isTrouble() {
        assertThat(message(judge(stored(new Storage("/var/lib/larder", false, "no space left on device")))))
                .contains("/var/lib/larder")
                .contains("no space left");
    }

    @Test
    void oldConfig_isWaitedFor() {
        NodeReport report = Nodes.report("old", Nodes.writer("old", "Present", SINGLE_FOLDER));
        assertThat(judge(Nodes.observed(Nodes.node("n1"), Nodes.pod("n1", true), report))
                        .waitingFor())
                .contains("configuration to be loaded");
    }

    @Test
    void withdrawnEntry_isWaitedFor() {
        NodeReport report = Nodes.report(REVISION, Nodes.writer(REVISION, "Withdrawn", SINGLE_FOLDER));
        NodeVerdict verdict = judge(Nodes.observed(Nodes.node("n1"), Nodes.pod("n1", true), report));
        assertThat(verdict.configured()).isFalse();
        assertThat(verdict.waitingFor()).contains("entries");
    }

    @Test
    void failedEntry_isTroubleWithTheRegistry() {
        NodeReport report = Nodes.report(REVISION, Nodes.writer(REVISION, "Failed", SINGLE_FOLDER));
        NodeVerdict verdict = judge(Nodes.observed(Nodes.node("n1"), Nodes.pod("n1", true), report));
        assertThat(reason(verdict)).isEqualTo("HostsNotWritten");
        assertThat(message(verdict)).contains("docker.io").contains("why");
    }

    @Test
    void silentHostsWriter_isTroubleOnceThePodIsOld() {
        NodeReport report = new NodeReport(
                "0.1.0",
                "default",
                true,
                new Config(REVISION, List.of()),
                Storage.UNKNOWN,
                List.of(),
                null,
                NodeReport.Mirror.NONE);
        assertThat(reason(judge(Nodes.observed(Nodes.node("n1"), Nodes.pod("n1", true), report))))
                .isEqualTo("HostsWriterSilent");
        assertThat(judge(Nodes.observed(Nodes.node("n1"), young(Nodes.pod("n1", true)), report))
                        .waitingFor())
                .contains("hosts writer");
    }

    @Test
    void containerdThatReadsNoHostsToml_isTrouble() {
        ConfigPath unset = new ConfigPath("", "", "/etc/containerd/config.toml", "", false, 2, false);
        NodeReport report = Nodes.report(REVISION, Nodes.writer(REVISION, "Present", unset));
        NodeVerdict verdict =
                judge(Nodes.observed(Nodes.node("n1", "True", "containerd://1.7.28"), Nodes.pod("n1", true), report));
        assertThat(reason(verdict)).isEqualTo("ConfigPathNotUsed");
    }

    @Test
    void unmanaged_waitsUntilTheNodeIsRestored() {
        Expected unmanaged = new Expected("default", REVISION, List.of("docker.io"), false, 5153, Nodes.LONG_SINCE);
        HostsWriter restored = new HostsWriter(false, REVISION, true, "", SINGLE_FOLDER, List.of(), true);
        HostsWriter notYet = new HostsWriter(false, REVISION, true, "", SINGLE_FOLDER, List.of(), false);
        NodeJudge judge = new NodeJudge(unmanaged, NOW);
        assertThat(judge.judge(Nodes.observed(Nodes.node("n1"), Nodes.pod("n1", true), Nodes.report(REVISION, notYet)))
                        .waitingFor())
                .contains("put back");
        NodeVerdict done =
                judge.judge(Nodes.observed(Nodes.node("n1"), Nodes.pod("n1", true), Nodes.report(REVISION, restored)));
        assertThat(done.waitingFor()).isNull();
        assertThat(done.trouble()).isNull();
    }

    private static NodeVerdict judge(ObservedNode node) {
        return new NodeJudge(Nodes.expected(), NOW).judge(node);
    }

    private static Pod young(Pod pod) {
        return pod.edit()
                .editMetadata()
                .withCreationTimestamp(NOW.minusSeconds(5).toString())
                .endMetadata()
                .build();
    }

    private static String reason(NodeVerdict verdict) {
        return Objects.requireNonNull(verdict.trouble(), verdict::toString).reason();
    }

    private static String message(NodeVerdict verdict) {
        return Objects.requireNonNull(verdict.trouble(), verdict::toString).message();
    }
}
