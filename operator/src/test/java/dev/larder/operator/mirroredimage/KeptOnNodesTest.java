package dev.larder.operator.mirroredimage;

import static dev.larder.operator.mirroredimage.Specs.digest;
import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.Condition;
import dev.larder.nodecache.config.KeepRule;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The reconciler where only some nodes keep an image. */
@EnableKubernetesMockClient(crud = true)
class KeptOnNodesTest {

    private static final Map<String, String> POOL = Map.of("pool", "gpu");

    @SuppressWarnings("NullAway.Init") // set by the extension
    KubernetesClient client;

    @SuppressWarnings("NullAway.Init")
    private PlayedMirror played;

    @BeforeEach
    void start() throws Exception {
        played = new PlayedMirror(client);
        played.node("node1", Map.of());
        played.node("node2", POOL);
        played.node("node3", Map.of());
        played.nodeCache("node2");
        played.nodeCache("node3");
        played.cache();
        played.upstream.put(Specs.SOURCE + ":1.27", digest(1));
    }

    @AfterEach
    void stop() {
        played.close();
    }

    private void says(String type, String reason, String... words) {
        PlayedMirror.await(type + " " + reason).until(() -> played.condition("nginx", type)
                .filter(condition -> condition.reason().equals(reason)
                        && List.of(words).stream().allMatch(condition.message()::contains))
                .isPresent());
    }

    private List<List<String>> groups() {
        return played.nodesFile()
                .map(file -> List.copyOf(file.groups().values()))
                .orElse(List.of());
    }

    @Test
    void selectedNodesOnly_areCounted_andAWordWithTheTable() {
        played.apply("nginx", "to: {nodes: {selector: {matchLabels: {pool: gpu}}}}");
        says("Ready", "Served", "1 tag on 3 nodes, kept on 1");
        assertThat(played.nodes("nginx")).isEqualTo("1/1");
        assertThat(played.tag("nginx").orElseThrow().nodesReady()).isEqualTo(1);
        assertThat(groups()).containsExactly(List.of("node2"));
        played.is("nginx", "Degraded", Condition.Status.False);
    }

    @Test
    void asManyAsAskedFor_areCounted() {
        played.apply("nginx", "to: {nodes: {keep: 2}}");
        says("Ready", "Served", "kept on 2");
        assertThat(played.nodes("nginx")).isEqualTo("2/2");
        assertThat(groups()).containsExactly(List.of("node1", "node2", "node3"));
    }

    @Test
    void nodeThatGetsTheLabel_isTold_withoutAnyoneTouchingTheResource() {
        played.apply("nginx", "to: {nodes: {selector: {matchLabels: {pool: gpu}}}}");
        says("Ready", "Served", "kept on 1");
        Node third = client.nodes().withName("node3").require();
        third.getMetadata().setLabels(POOL);
        client.resource(third).update();
        says("Ready", "Served", "kept on 2");
        assertThat(groups()).containsExactly(List.of("node2", "node3"));
    }

    @Test
    void moreThanThereAre_isSaid_andNotWaitedFor() {
        played.apply("nginx", "to: {nodes: {keep: 5}}");
        says("Degraded", "Problems", "spec.to.nodes.keep: 5 nodes are asked for, and 3 can be had");
        says("Ready", "Served", "1 tag on 3 nodes");
        assertThat(played.nodes("nginx")).isEqualTo("3/3");
    }

    @Test
    void selectorThatLeavesNoNode_isSaid_andTheTagIsAnswered() {
        played.apply("nginx", "to: {nodes: {selector: {matchLabels: {pool: none}}}}");
        says("Degraded", "Problems", "spec.to.nodes.selector: no node");
        says("Ready", "NoNodeSelected", "spec.to.nodes.selector");
        assertThat(played.nodes("nginx")).isEqualTo("0/0");
        PlayedMirror.await("the tag in the table").until(() -> played.table()
                .filter(table -> table.tags().getFirst().digest().toString().equals(digest(1)))
                .isPresent());
    }

    @Test
    void ratesAlone_chooseNoNodes() {
        played.apply("nginx", "to: {nodes: {bandwidth: 50Mi, spread: 10m}}");
        says("Ready", "Served", "1 tag on 3 nodes");
        assertThat(played.rules()).singleElement().extracting(KeepRule::group).isEqualTo("");
        assertThat(groups()).isEmpty();
    }
}
