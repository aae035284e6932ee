package dev.larder.nodecache.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KeepRankingTest {

    private static final int NODES = 100;
    private static final int IMAGES = 1000;
    private static final int MOST = 3;
    private static final List<String> ALL =
            IntStream.range(0, NODES).mapToObj(n -> "node-" + n).toList();

    private static String image(int number) {
        return "docker.io/library/app" + number;
    }

    private static Set<String> keepers(String image, List<String> nodes, int most) {
        return nodes.stream()
                .filter(node -> KeepRanking.keeps(image, nodes, node, most))
                .collect(Collectors.toSet());
    }

    @Test
    void soManyKeep_andAllWhereThereAreNoMore() {
        assertThat(keepers(image(0), ALL, MOST)).hasSize(MOST);
        assertThat(keepers(image(0), ALL, NODES)).hasSize(NODES);
        assertThat(keepers(image(0), ALL, Integer.MAX_VALUE)).hasSize(NODES);
        assertThat(KeepRanking.keeps(image(0), ALL, "stranger", NODES)).isFalse();
        assertThat(KeepRanking.keeps(image(0), List.of(), "node-0", 1)).isFalse();
    }

    @Test
    void oneKeeps_whereMoreAreAskedFor_too() {
        assertThat(keepers(image(1), ALL, MOST + 1)).containsAll(keepers(image(1), ALL, MOST));
    }

    @Test
    void nodeThatGoes_movesOnlyWhatItKept() {
        String gone = "node-17";
        List<String> rest = ALL.stream().filter(node -> !node.equals(gone)).toList();
        int moved = 0;
        for (int n = 0; n < IMAGES; n++) {
            Set<String> before = keepers(image(n), ALL, MOST);
            Set<String> after = keepers(image(n), rest, MOST);
            Set<String> fresh = new HashSet<>(after);
            fresh.removeAll(before);
            assertThat(fresh).hasSize(before.contains(gone) ? 1 : 0);
            moved += fresh.size();
        }
        assertThat(moved).isBetween(10, 60); // 30 on average
    }

    @Test
    void images_areSpreadOverTheNodes() {
        for (String node : ALL) {
            assertThat(IntStream.range(0, IMAGES).filter(n -> KeepRanking.keeps(image(n), ALL, node, MOST)))
                    .as("of 30 on average")
                    .hasSizeBetween(8, 60);
        }
    }

    @Test
    void turns_areOfTheNode_andWithinTheTime() {
        Duration spread = Duration.ofMinutes(10);
        Set<Duration> turns = ALL.stream()
                .map(node -> KeepRanking.turn("sha256:a", node, spread))
                .collect(Collectors.toSet());
        assertThat(turns).hasSizeGreaterThan(NODES * 9 / 10).allMatch(turn -> turn.compareTo(spread) < 0);
        assertThat(turns).noneMatch(Duration::isNegative);
        assertThat(KeepRanking.turn("sha256:a", "node-0", Duration.ZERO)).isZero();
    }
}
