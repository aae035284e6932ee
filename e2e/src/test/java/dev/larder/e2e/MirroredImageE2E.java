package dev.larder.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.Condition;
import dev.larder.crds.v1alpha1.MirroredImage;
import dev.larder.crds.v1alpha1.MirroredTagStatus;
import dev.larder.e2e.cluster.Edits;
import dev.larder.e2e.install.Larder;
import dev.larder.e2e.process.Await;
import dev.larder.e2e.pull.Puller;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A tag changes when its owner wants it, whatever its registry does, and there is a way back. */
class MirroredImageE2E {
    private static final Duration LIMIT = Duration.ofMinutes(4);
    private static final String NAME = "mirrored";
    private static final String TAG = "stable";
    private static final String LABEL = "larder.test/keeps";
    private final Stage stage = Stage.shared();
    private final Larder larder = stage.larder();
    private String image = "";

    @BeforeEach
    void anImage() {
        image = stage.newImage(TAG, 1_000_000);
    }

    @AfterEach
    void ordinaryAgain() {
        stage.upstream().ensureStarted();
        resource().delete();
    }

    private Resource<MirroredImage> resource() {
        return stage.cluster().client().resources(MirroredImage.class).withName(NAME);
    }

    private void mirror(String promotion) {
        mirror(promotion, "{}");
    }

    private void mirror(String promotion, String nodes) {
        larder.apply("""
                apiVersion: larder.dev/v1alpha1
                kind: MirroredImage
                metadata: {name: %s}
                spec:
                  source: docker.io/%s
                  tags: {include: [%s]}
                  schedule: {cron: "%s"}
                  promotion: {mode: %s}
                  to: {nodes: %s}
                """.formatted(NAME, repository(), TAG, notSoon(), promotion, nodes));
    }

    /** Nothing is due by itself while a test runs. */
    private static String notSoon() {
        return "0 " + ZonedDateTime.now(ZoneOffset.UTC).plusHours(12).getHour() + " * * *";
    }

    private String repository() {
        return image.substring(0, image.indexOf(':'));
    }

    private void annotate(String name, String value) {
        Edits.edit(resource(), mirrored -> {
            mirrored.getMetadata().getAnnotations().put(name, value);
            return mirrored;
        });
    }

    private Optional<MirroredTagStatus> tag() {
        return Optional.ofNullable(resource().get())
                .map(MirroredImage::getStatus)
                .flatMap(status -> status.tags().stream().findFirst());
    }

    private void awaitTag(String what, Predicate<MirroredTagStatus> is) {
        Await.until(
                what,
                LIMIT,
                () -> tag().filter(is).isPresent(),
                () -> "It says " + resource().get());
    }

    private void awaitServed(String digest) {
        awaitServed(digest, stage.cluster().nodes().size());
    }

    private void awaitServed(String digest, int nodes) {
        awaitTag(
                digest + " being ready on " + nodes + " nodes",
                tag -> digest.equals(tag.servedDigest()) && Objects.equals(tag.nodesReady(), nodes));
        Await.until(
                "Ready",
                LIMIT,
                () -> resource().get().getStatus().conditions().stream()
                        .anyMatch(condition ->
                                condition.type().equals("Ready") && condition.status() == Condition.Status.True),
                () -> "It says " + resource().get());
    }

    /** The upstream's tag means something new from now on. */
    private String move() {
        String before = stage.upstream().digest(image);
        // Another size: images of the same sizes are the same.
        stage.upstream().publish(image, 1_100_000);
        String after = stage.upstream().digest(image);
        assertThat(after).isNotEqualTo(before);
        return after;
    }

    /** What a new pod of the image runs. */
    private String run(String node) {
        Puller puller = stage.puller();
        if (stage.cluster().node(node).hasImage(Puller.canonical(image))) {
            stage.cluster().node(node).removeImage(Puller.canonical(image));
        }
        String pod = puller.start(image, node);
        try {
            puller.awaitRunning(pod);
            String id = stage.cluster()
                    .client()
                    .pods()
                    .inNamespace("default")
                    .withName(pod)
                    .get()
                    .getStatus()
                    .getContainerStatuses()
                    .getFirst()
                    .getImageID();
            return id.substring(id.indexOf("sha256:"));
        } finally {
            puller.remove(pod);
        }
    }

    private void deleteUpstream(String digest) throws Exception {
        URI manifest = stage.upstream().pushUrl().resolve("/v2/" + repository() + "/manifests/" + digest);
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(manifest)
                    .DELETE()
                    .timeout(Duration.ofSeconds(10))
                    .build();
            assertThat(client.send(request, HttpResponse.BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(202);
        }
    }

    @Test
    void podsGetWhatWasPromoted_andThereIsAWayBack() throws Exception {
        String first = stage.upstream().digest(image);
        mirror("Automatic");
        awaitServed(first);
        stage.upstream().takeTraffic();
        assertThat(run("node1")).isEqualTo(first);
        assertThat(run("node2")).isEqualTo(first);
        assertThat(stage.upstream().takeTraffic().of(image).requests())
                .as("it was there before")
                .isEmpty();

        mirror("Manual");
        String second = move();
        annotate(MirroredImage.CHECK_NOW, "1");
        awaitTag("the new digest being found", tag -> second.equals(tag.upstreamDigest()) && tag.waiting() != null);
        assertThat(run("node1")).as("not promoted").isEqualTo(first);
        stage.upstream().stop();
        assertThat(run("node2")).as("the upstream is down").isEqualTo(first);
        stage.upstream().start();

        annotate(MirroredImage.PROMOTE, TAG);
        awaitServed(second);
        assertThat(run("node1")).isEqualTo(second);
        deleteUpstream(second);
        assertThat(run("node2")).as("deleted upstream").isEqualTo(second);

        stage.upstream().stop();
        annotate(MirroredImage.ROLLBACK_TO, TAG + "=previous");
        awaitServed(first);
        assertThat(run("node1")).as("rolled back").isEqualTo(first);
        assertThat(tag().orElseThrow().history().getFirst().digest()).isEqualTo(second);
        stage.upstream().start();
    }

    private void label(String node, String value) {
        Edits.edit(stage.cluster().client().nodes().withName(node), labelled -> {
            labelled.getMetadata().getLabels().put(LABEL, value);
            return labelled;
        });
    }

    /** Whether a node cache has the content on its disk. */
    private boolean isOnDisk(String node, String digest) throws IOException {
        String hex = digest.substring("sha256:".length());
        try (Stream<Path> files =
                Files.walk(stage.cluster().node(node).larderStorage().resolve("v1/blobs"))) {
            return files.anyMatch(file -> file.getFileName().toString().startsWith(hex));
        }
    }

    @Test
    void onlyChosenNodes_haveTheImageBeforeAPodAsks_andAllAnswerTheTag() throws Exception {
        String first = stage.upstream().digest(image);
        label("node1", "no");
        label("node2", "yes");
        mirror("Manual", "{selector: {matchLabels: {" + LABEL + ": \"yes\"}}, bandwidth: 100Mi}");
        awaitTag("the digest being found", tag -> first.equals(tag.upstreamDigest()) && tag.waiting() != null);
        annotate(MirroredImage.PROMOTE, TAG);
        awaitServed(first, 1);
        assertThat(resource().get().getStatus().nodes()).isEqualTo("1/1");
        assertThat(isOnDisk("node2", first)).isTrue();
        assertThat(isOnDisk("node1", first)).isFalse();

        move();
        stage.upstream().takeTraffic();
        assertThat(run("node2")).isEqualTo(first);
        assertThat(stage.upstream().takeTraffic().of(image).requests())
                .as("it was there before")
                .isEmpty();
        assertThat(run("node1")).as("as promoted, and fetched when asked for").isEqualTo(first);
        assertThat(isOnDisk("node1", first)).isTrue();

        mirror("Manual", "{keep: 5}");
        awaitServed(first, stage.cluster().nodes().size());
        Await.until("what cannot be had being said", LIMIT, () -> resource().get().getStatus().conditions().stream()
                .anyMatch(condition -> condition.message().contains("spec.to.nodes.keep: 5 nodes")));
    }

    @Test
    void withoutTheResource_aTagIsOrdinaryAgain() {
        String first = stage.upstream().digest(image);
        mirror("Manual");
        awaitTag("the digest being found", tag -> first.equals(tag.upstreamDigest()) && tag.waiting() != null);
        annotate(MirroredImage.PROMOTE, TAG);
        awaitServed(first);
        String second = move();
        assertThat(run("node1")).isEqualTo(first);
        resource().delete();
        Await.until("the upstream's tag", LIMIT, () -> run("node1").equals(second));
    }
}
