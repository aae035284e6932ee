package dev.larder.operator.mirroredimage;

import static dev.larder.operator.mirroredimage.Specs.digest;
import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.Condition;
import dev.larder.crds.v1alpha1.MirroredImage;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The reconciler from what an upstream has to what the nodes are told. */
@EnableKubernetesMockClient(crud = true)
class MirroredImageReconcilerTest {

    @SuppressWarnings("NullAway.Init") // set by the extension
    KubernetesClient client;

    @SuppressWarnings("NullAway.Init")
    private PlayedMirror played;

    @BeforeEach
    void start() throws Exception {
        played = new PlayedMirror(client);
    }

    @AfterEach
    void stop() {
        played.close();
    }

    @Test
    void foundTag_isPromotedIntoTheTable_movesAndGoesBack() {
        played.cache();
        played.upstream.put(Specs.SOURCE + ":1.27", digest(1));
        // Of itself it would be looked at once an hour, perhaps just now.
        played.apply("nginx", "schedule: {cron: \"0 0 29 2 *\"}");
        played.is("nginx", "Ready", Condition.Status.True);
        assertThat(played.table().orElseThrow().tags()).singleElement().satisfies(tag -> {
            assertThat(tag.digest()).hasToString(digest(1));
            assertThat(tag.open()).isTrue();
        });
        assertThat(played.tag("nginx").orElseThrow().nodesReady()).isEqualTo(1);
        assertThat(servedByTheMetrics()).containsExactly(digest(1));
        assertThat(played.asked).containsExactly("/jobs/v1/manifest " + Specs.SOURCE + ":1.27");

        played.upstream.put(Specs.SOURCE + ":1.27", digest(2));
        played.edit("nginx", image -> image.getMetadata().setAnnotations(Map.of(MirroredImage.CHECK_NOW, "1")));
        PlayedMirror.await("the new digest").until(() -> played.tag("nginx")
                .filter(tag -> digest(2).equals(tag.servedDigest()))
                .isPresent());
        played.edit("nginx", image -> image.getMetadata()
                .setAnnotations(Map.of(MirroredImage.CHECK_NOW, "1", MirroredImage.ROLLBACK_TO, "1.27=previous")));
        PlayedMirror.await("the way back").until(() -> played.table()
                .filter(shard -> shard.tags().getFirst().digest().toString().equals(digest(1)))
                .isPresent());
        played.is("nginx", "Promoted", Condition.Status.False);
        assertThat(played.tag("nginx").orElseThrow().servedDigest()).isEqualTo(digest(1));
        assertThat(played.asked).hasSize(2);
        assertThat(played.client
                        .events()
                        .v1()
                        .events()
                        .inNamespace("default")
                        .list()
                        .getItems())
                .extracting(event -> event.getReason())
                .contains("Found", "Promoted", "RolledBack");

        played.client.resources(MirroredImage.class).withName("nginx").delete();
        PlayedMirror.await("the end of the table").until(() -> played.table().isEmpty());
        PlayedMirror.await("the end of the metrics")
                .until(() -> servedByTheMetrics().isEmpty());
    }

    private List<String> servedByTheMetrics() {
        return played.metrics.collect().stream()
                .filter(family -> family.name.equals("larder_mirroredimage_served_since_timestamp_seconds"))
                .flatMap(family -> family.samples.stream())
                .map(sample -> sample.labelValues.getLast())
                .toList();
    }

    @Test
    void sourceThatNoRegistryCacheHas_isNamed_andFoundOnceOneHas() {
        played.upstream.put(Specs.SOURCE + ":1.27", digest(1));
        played.apply("nginx", "");
        PlayedMirror.await("the reason").until(() -> played.condition("nginx", "Ready")
                .filter(ready -> ready.reason().equals("SourceNotCached")
                        && ready.message().contains("spec.source")
                        && ready.message().contains("docker.io"))
                .isPresent());
        assertThat(played.asked).isEmpty();
        played.cache();
        played.is("nginx", "Ready", Condition.Status.True);
    }

    @Test
    void nodeThatDoesNotServeTheRegistryYet_isWaitedFor() {
        played.serves = "quay.io";
        played.cache();
        played.upstream.put(Specs.SOURCE + ":1.27", digest(1));
        played.apply("nginx", "");
        awaitFetching();
        played.serves = "docker.io";
        played.is("nginx", "Ready", Condition.Status.True);
    }

    /** The status has a moment before anything was looked at, in which nothing is missing yet. */
    private void awaitFetching() {
        PlayedMirror.await("the reason").until(() -> played.condition("nginx", "Ready")
                .filter(ready -> ready.reason().equals("Fetching"))
                .isPresent());
        played.is("nginx", "Promoted", Condition.Status.True);
        assertThat(played.nodes("nginx")).isEqualTo("0/1");
    }

    private static String named(IntStream names) {
        ByteBuffer bytes = ByteBuffer.allocate(1000);
        names.forEach(bytes::putInt);
        return Base64.getEncoder().encodeToString(Arrays.copyOf(bytes.array(), bytes.position()));
    }

    /** They are listed one by one, one tag is ready, and ours comes last. */
    private void aHundredOfOthersWait(int kept) {
        played.waiting = "\"kept\": " + kept + ", \"ready\": 1, \"waiting\": "
                + IntStream.range(0, 100)
                        .mapToObj(n -> "{\"tag\": \"docker.io/library/other:" + n + "\"}")
                        .toList();
        played.cache();
        played.upstream.put(Specs.SOURCE + ":1.27", digest(1));
        played.apply("nginx", "");
    }

    @Test
    void tagsOfOthersThatWaitInGreatNumber_holdUpNone_onceTheyAreAllNamed() {
        int[] others = IntStream.range(0, 150)
                .map(n -> Keepers.shortName("docker.io/library/other:" + n))
                .toArray();
        aHundredOfOthersWait(151);
        awaitFetching();
        played.names =
                named(IntStream.concat(IntStream.of(others), IntStream.of(Keepers.shortName(Specs.SOURCE + ":1.27"))));
        PlayedMirror.await("the tag's own wait").during(Duration.ofSeconds(5)).until(() -> "0/1"
                .equals(played.nodes("nginx")));
        played.names = named(IntStream.of(others));
        played.is("nginx", "Ready", Condition.Status.True);
    }

    @Test
    void aHundredThatWait_areAllOfThem_whenTheNumbersSaySo() {
        aHundredOfOthersWait(101);
        played.is("nginx", "Ready", Condition.Status.True);
    }

    @Test
    void wrongSpec_namesItsField() {
        played.cache();
        played.apply("nginx", "tags: {regex: \"(?=x)\"}");
        PlayedMirror.await("the reason").until(() -> played.condition("nginx", "Ready")
                .filter(ready ->
                        ready.reason().equals("InvalidSpec") && ready.message().contains("spec.tags.regex"))
                .isPresent());
    }

    @Test
    void rulesThatNothingPasses_andAPinOfNothing_areDegraded() {
        played.cache();
        played.upstream.put(Specs.SOURCE + ":1.27", digest(1));
        played.apply("none", "tags: {semver: \">=9\"}\npins: [{tag: \"1.27\", digest: \"" + digest(7) + "\"}]");
        played.is("none", "Degraded", Condition.Status.True);
        assertThat(played.condition("none", "Degraded").orElseThrow().message())
                .contains("spec.pins[1.27].digest", "not in the repository");
        played.apply("empty", "tags: {semver: \">=9\"}");
        played.is("empty", "Degraded", Condition.Status.True);
        assertThat(played.condition("empty", "Degraded").orElseThrow().message())
                .contains("no tag of the repository passes");
    }
}
