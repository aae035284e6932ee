package dev.larder.operator.mirroredimage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.KeptOnNodesSpec;
import dev.larder.nodecache.mirror.KeepRanking;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Who keeps an image: the node caches find the same by themselves. */
class KeepersTest {

    private static final List<String> NODES =
            IntStream.range(0, 40).mapToObj(n -> "node-" + n + ".test").toList();

    @Test
    void nodeCaches_findTheSame() {
        for (int most : List.of(1, 2, 7, 39, 40, 41)) {
            for (int n = 0; n < 200; n++) {
                String image = "registry.test/team-" + n + "/app";
                Set<String> theirs = NODES.stream()
                        .filter(node -> KeepRanking.keeps(image, NODES, node, most))
                        .collect(Collectors.toSet());
                assertThat(Keepers.chosen(image, NODES, most)).isEqualTo(theirs);
            }
        }
    }

    @Test
    void nodeCaches_callATagTheSame() {
        for (int n = 0; n < 10_000; n++) {
            String tag = "registry.test/team-" + n % 97 + "/app:1." + n;
            assertThat(Keepers.shortName(tag)).isEqualTo(KeepRanking.shortName(tag));
        }
    }

    private static Keepers keepers(String nodes, NodeGroups.Place group, boolean running) {
        KeptOnNodesSpec wanted = Specs.spec("to: {nodes: " + nodes + "}").to().nodes();
        return Keepers.of(wanted, Specs.SOURCE, group, running);
    }

    private static NodeGroups.Place group(boolean leftOut, String... members) {
        return new NodeGroups.Place(true, Set.of(members), Set.of(), leftOut);
    }

    @Test
    void withoutAChoice_allKeep() {
        Keepers keepers = keepers("{}", NodeGroups.Place.EVERYWHERE, true);
        assertThat(keepers.has("anyone")).isTrue();
        assertThat(keepers.problems()).isEmpty();
    }

    @Test
    void chosen_areAsMany() {
        Keepers keepers = keepers("{keep: 2}", group(false, "a", "b", "c"), true);
        assertThat(keepers.nodes()).hasSize(2);
        assertThat(keepers.problems()).isEmpty();
        assertThat(keepers.has("d")).isFalse();
    }

    @Test
    void problems_nameTheField() {
        assertThat(keepers("{keep: 3}", group(false, "a"), true).problems())
                .singleElement()
                .asString()
                .startsWith("spec.to.nodes.keep: 3 nodes are asked for, and 1 can be had");
        assertThat(keepers("{keep: 3}", group(false), true).problems())
                .singleElement()
                .asString()
                .startsWith("spec.to.nodes.selector: no node");
        assertThat(keepers("{keep: 3}", group(false), false).problems()).isEmpty();
        Keepers full = keepers("{keep: 3}", group(true, "a"), true);
        assertThat(full.problems()).singleElement().asString().contains("spec.to.nodes.selector", "left out");
        assertThat(full.nodes()).isEmpty();
    }
}
