package dev.larder.operator.mirroredimage;

import static dev.larder.operator.mirroredimage.Specs.digest;
import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.config.MirrorReader;
import dev.larder.nodecache.config.MirrorShard;
import dev.larder.operator.cloud.SettableClock;
import dev.larder.operator.registrycache.desired.Names;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The file with the nodes that images are kept on, against a server that only stores objects. */
@EnableKubernetesMockClient(crud = true)
class NodeGroupsTest {

    private static final String NAMESPACE = "larder-system";
    private static final Duration LOOKED_AT_AGAIN = Duration.ofMinutes(2);

    private final SettableClock clock = new SettableClock();
    private final Queue<Runnable> later = new ArrayDeque<>();

    @SuppressWarnings("NullAway.Init") // set by the extension
    KubernetesClient client;

    @SuppressWarnings("NullAway.Init")
    private TableWriter writer;

    @BeforeEach
    void make() {
        writer = restarted();
    }

    private TableWriter restarted() {
        return new TableWriter(client, NAMESPACE, clock, (delay, task) -> later.add(task));
    }

    private static TagTable.Part part(String name, String group) {
        return new TagTable.Part(
                name,
                "uid-" + name,
                "2026-01-01T00:00:00Z",
                Specs.SOURCE,
                List.of(),
                true,
                List.of(new TagTable.Entry(name, digest(1), List.of())),
                group,
                group.isEmpty() ? "" : "{\"resource\":\"" + name + "\",\"group\":\"" + group + "\"}");
    }

    private static NodeGroup group(String name, Set<String> selected, Set<String> running) {
        return new NodeGroup(name, selected, running, Map.of("default", "uid-default"));
    }

    private NodeGroups.Place put(String name, NodeGroup group, Supplier<List<TagTable.Part>> all) {
        clock.advance(Writing.TOGETHER);
        try {
            return writer.put(part(name, group.name()), group, all).nodes();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private NodeGroups.Place put(String name, NodeGroup group) {
        return put(name, group, List::of);
    }

    private Resource<ConfigMap> map() {
        return client.configMaps().inNamespace(NAMESPACE).withName(Names.MIRROR_NODES);
    }

    private String text() {
        return Objects.requireNonNull(map().require().getData().get(Names.NODES_FILE));
    }

    private Map<String, List<String>> read() {
        MirrorShard read = MirrorReader.parse(text());
        assertThat(read.problems()).isEmpty();
        return read.groups();
    }

    @Test
    void groups_areWhatTheNodeCacheReads_andGoWithTheLastWhoHasThem() {
        NodeGroups.Place place = put("a", group("g", Set.of("n1", "n3"), Set.of("n1", "n2", "n3")));
        assertThat(place.members()).containsExactlyInAnyOrder("n1", "n3");
        assertThat(place.revisions()).containsExactly(MirrorReader.parse(text()).revision());
        put("b", group("h", Set.of("n2"), Set.of("n1", "n2", "n3")));
        assertThat(read()).isEqualTo(Map.of("g", List.of("n1", "n3"), "h", List.of("n2")));
        assertThat(map().require().getMetadata().getOwnerReferences())
                .extracting(owner -> owner.getKind() + " " + owner.getName())
                .containsExactly("RegistryCache default");
        put("b", NodeGroup.ALL);
        assertThat(read()).containsOnlyKeys("g");
        clock.advance(Writing.TOGETHER);
        writer.remove("a");
        assertThat(map().get()).isNull();
    }

    @Test
    void nodeWhoseNodeCacheRestarts_stays_alsoWhenTheOperatorDoes() {
        put("a", group("g", Set.of("n1", "n2"), Set.of("n1", "n2")));
        String before = text();
        put("a", group("g", Set.of("n1", "n2"), Set.of("n1")));
        writer = restarted();
        assertThat(put("a", group("g", Set.of("n1", "n2"), Set.of("n1"))).revisions())
                .hasSize(1);
        assertThat(text()).isEqualTo(before);
        put("a", group("g", Set.of("n1"), Set.of("n1", "n2")));
        assertThat(read()).isEqualTo(Map.of("g", List.of("n1")));
    }

    @Test
    void registryCacheThatIsGone_ownsNoMore_andWithoutAnyThereIsNoFile() {
        Set<String> nodes = Set.of("n1");
        put("a", new NodeGroup("g", nodes, nodes, Map.of("default", "uid-default", "old", "uid-old")));
        assertThat(map().require().getMetadata().getOwnerReferences()).hasSize(2);
        clock.advance(LOOKED_AT_AGAIN);
        put("a", group("g", nodes, nodes));
        assertThat(map().require().getMetadata().getOwnerReferences())
                .extracting(owner -> owner.getName())
                .containsExactly("default");
        clock.advance(LOOKED_AT_AGAIN);
        put("a", new NodeGroup("g", nodes, Set.of(), Map.of()));
        assertThat(map().get()).isNull();
    }

    @Test
    void nodeWithoutANodeCache_isOfNoGroup() {
        assertThat(put("a", group("g", Set.of("n1", "n2"), Set.of("n1"))).members())
                .containsExactly("n1");
    }

    @Test
    void afterARestart_groupsOfOthersStay() {
        put("a", group("g", Set.of("n1"), Set.of("n1")));
        put("b", group("h", Set.of("n1"), Set.of("n1")));
        writer = restarted();
        put("a", group("g", Set.of("n1"), Set.of("n1")), () -> List.of(part("a", "g"), part("b", "h")));
        assertThat(read()).containsOnlyKeys("g", "h");
    }

    @Test
    void spoiledFile_isWrittenAnew() {
        put("a", group("g", Set.of("n1"), Set.of("n1")));
        ConfigMap spoiled = map().require();
        spoiled.setData(
                Map.of(Names.NODES_FILE, "{\"nodes\": [], \"groups\": [{\"name\": \"g\", \"members\": \"/w==\"}]}"));
        client.resource(spoiled).update();
        writer = restarted();
        put("a", group("g", Set.of("n1"), Set.of("n1")));
        assertThat(read()).isEqualTo(Map.of("g", List.of("n1")));
    }

    @Test
    void changeOfOneGroup_leavesEarlierStatesGoodEnoughForOthers_andWritesNoTable() {
        String first = put("a", group("g", Set.of("n1"), Set.of("n1")))
                .revisions()
                .iterator()
                .next();
        put("b", group("h", Set.of("n1"), Set.of("n1", "n2")));
        assertThat(put("a", group("g", Set.of("n1"), Set.of("n1"))).revisions())
                .contains(first)
                .hasSize(2);
        Resource<ConfigMap> table =
                client.configMaps().inNamespace(NAMESPACE).withName(Names.mirrorTable(TagTable.shardOf(Specs.SOURCE)));
        String version = table.require().getMetadata().getResourceVersion();
        assertThat(put("b", group("h", Set.of("n1", "n2"), Set.of("n1", "n2"))).revisions())
                .hasSize(1);
        assertThat(table.require().getMetadata().getResourceVersion()).isEqualTo(version);
    }

    @Test
    void thousandNodes_andThreeThousandSelectors_fit_andWhatDoesNotIsSaid() {
        Set<String> nodes = nodes(1000);
        NodeGroups groups = new NodeGroups();
        IntStream.range(0, 3000).forEach(n -> groups.put(group("group" + n, nodes, nodes)));
        TableObject.Rendered fits = groups.render();
        assertThat(fits.contents()).hasSize(3000);
        assertThat(fits.files().get(Names.NODES_FILE)).hasSizeLessThan(TagTable.MAX_BYTES + 1000);

        Set<String> many = nodes(10_000);
        IntStream.range(0, 1000).forEach(n -> groups.put(group("group" + n, many, many)));
        TableObject.Rendered full = groups.render();
        assertThat(full.files().get(Names.NODES_FILE)).hasSizeLessThan(TagTable.MAX_BYTES + 1000);
        groups.writing().begins();
        groups.writing().isThere(full.revision(), full.contents(), clock.instant());
        Map<Boolean, List<Integer>> left = IntStream.range(0, 3000)
                .boxed()
                .collect(
                        Collectors.partitioningBy(n -> groups.place("group" + n).leftOut()));
        assertThat(left.get(true)).isNotEmpty();
        assertThat(left.get(false)).isNotEmpty();
    }

    private static Set<String> nodes(int count) {
        Set<String> nodes = new HashSet<>();
        IntStream.range(0, count).forEach(n -> nodes.add("ip-10-0-" + n + ".eu-central-1.compute.internal"));
        return nodes;
    }
}
