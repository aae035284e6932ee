package dev.larder.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.e2e.cluster.NativeNode;
import dev.larder.e2e.install.Larder;
import dev.larder.e2e.install.NodeCache;
import dev.larder.e2e.process.Await;
import dev.larder.e2e.process.Command;
import dev.larder.e2e.pull.Puller;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Drift is repaired, new nodes are served, and neither an upgrade nor a restart of the API server fails a pull. */
class KeepsNodesConfiguredE2E {
    private static final Duration SOON = Duration.ofMinutes(2);
    private final Stage stage = Stage.shared();

    @Test
    void entryChangedOrRemoved_isRepaired() throws IOException {
        stage.larder();
        Path entry = stage.cluster().node("node1").containerdConfiguration().resolve("certs.d/docker.io/hosts.toml");
        String ours = Files.readString(entry);
        Files.delete(entry);
        Await.until("the entry's return", SOON, () -> reads(entry, ours));
        Files.writeString(entry, ours.replace("127.0.0.1:5151", "127.0.0.1:1"));
        Await.until("the entry's repair", SOON, () -> reads(entry, ours));
    }

    @Test
    void daemonSetDeleted_isMadeAgain() {
        Larder larder = stage.larder();
        var sets = stage.cluster().client().apps().daemonSets().inNamespace(Larder.NAMESPACE);
        String uid = sets.withName("larder-default").get().getMetadata().getUid();
        sets.withName("larder-default").delete();
        Await.until("a new DaemonSet", SOON, () -> {
            var made = sets.withName("larder-default").get();
            return made != null && !uid.equals(made.getMetadata().getUid());
        });
        // The status may still be that of the pods which are going.
        Await.until("its pods", Duration.ofMinutes(3), () -> stage.cluster().nodes().stream()
                .map(node -> larder.nodeCache(Stage.RESOURCE, node.name()))
                .allMatch(cache -> cache.ready() && !ownedBy(cache, uid)));
        larder.awaitReady(Stage.RESOURCE);
    }

    @Test
    void newNode_isServedByItsOwnCache() {
        Larder larder = stage.larder();
        NativeNode node = stage.cluster().addNode();
        stage.loadImages(node);
        larder.nodeCache(Stage.RESOURCE, node.name()).awaitReady();
        larder.awaitReady(Stage.RESOURCE);
        String image = stage.newImage(1_000_000);
        stage.puller().pull(image, node.name());
        assertThat(stage.upstream().takeTraffic().of(image).direct().requests()).isEmpty();
        stage.puller().pullAfresh(image, node.name());
        assertThat(stage.upstream().takeTraffic().of(image).requests()).isEmpty();
    }

    @Test
    void upgradeOfEveryPod_failsNoPull() {
        Larder larder = stage.larder();
        String before = larder.nodeCache(Stage.RESOURCE, "node1")
                .pod()
                .orElseThrow()
                .getMetadata()
                .getUid();
        larder.upgrade(Map.of("log.level", "DEBUG", "nodeCache.image.pullPolicy", "Never"));
        var pulls = new ArrayList<String>();
        long end = System.nanoTime() + Duration.ofMinutes(6).toNanos();
        while (System.nanoTime() < end && (pulls.size() < 5 || !replaced(larder, before))) {
            String image = stage.newImage(500_000);
            String pod = stage.puller().start(image, "node1");
            stage.puller().awaitRunning(pod);
            List<String> messages = stage.puller().messages(pod);
            assertThat(messages).noneMatch(message -> message.contains("Failed to pull"));
            stage.puller().remove(pod);
            pulls.add(image);
        }
        assertThat(replaced(larder, before)).isTrue();
        larder.awaitReady(Stage.RESOURCE);
    }

    private static boolean ownedBy(NodeCache cache, String daemonSet) {
        return cache.pod().stream()
                .flatMap(pod -> pod.getMetadata().getOwnerReferences().stream())
                .anyMatch(owner -> owner.getUid().equals(daemonSet));
    }

    private static boolean replaced(Larder larder, String uid) {
        return larder.nodeCache(Stage.RESOURCE, "node1")
                        .pod()
                        .map(pod -> !pod.getMetadata().getUid().equals(uid))
                        .orElse(false)
                && larder.nodeCache(Stage.RESOURCE, "node1").ready();
    }

    @Test
    void apiServerAway_nodesGoOnPulling_andTheOperatorGoesOnAfterwards() {
        Larder larder = stage.larder();
        String image = stage.newImage(1_000_000);
        NativeNode node = stage.cluster().node("node1");
        stage.cluster().stopApiServer();
        try {
            Command pull = node.command(
                    "ctr",
                    "--namespace",
                    "k8s.io",
                    "images",
                    "pull",
                    "--hosts-dir",
                    "/etc/containerd/certs.d",
                    Puller.canonical(image));
            pull.run();
            assertThat(stage.upstream().takeTraffic().of(image).direct().requests())
                    .isEmpty();
        } finally {
            stage.cluster().startApiServer();
        }
        larder.apply(stage.spec("/var/lib/larder").replace("freshFor: 0s", "freshFor: 1s"));
        larder.awaitReady(Stage.RESOURCE);
        Await.until("the operator's new configuration on the node", Duration.ofSeconds(90), () -> stage.cluster()
                .client()
                .configMaps()
                .inNamespace(Larder.NAMESPACE)
                .withName("larder-default")
                .get()
                .getData()
                .toString()
                .contains("1s"));
    }

    private static boolean reads(Path file, String expected) {
        try {
            return Files.exists(file) && Files.readString(file).equals(expected);
        } catch (IOException e) {
            // Replaced between the two calls: look again.
            return false;
        }
    }
}
