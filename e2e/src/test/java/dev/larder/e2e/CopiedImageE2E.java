package dev.larder.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.Condition;
import dev.larder.crds.v1alpha1.MirroredImage;
import dev.larder.crds.v1alpha1.MirroredTagStatus;
import dev.larder.e2e.cluster.Edits;
import dev.larder.e2e.install.Larder;
import dev.larder.e2e.process.Await;
import dev.larder.e2e.pull.Puller;
import dev.larder.e2e.upstream.Login;
import dev.larder.e2e.upstream.PrivateRegistry;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What is served is also at another real registry, with the same digests, and stays pullable there by its date. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CopiedImageE2E {
    private static final Duration LIMIT = Duration.ofMinutes(4);
    private static final String NAME = "copied";
    private static final String TAG = "stable";
    private static final String SECRET = "push-login";
    private static final String TARGET = "mirror/copied";
    private static final Login ROBOT = new Login("robot", "the-right-password");

    private final Stage stage = Stage.shared();
    private final Larder larder = stage.larder();
    private final PrivateRegistry target = PrivateRegistry.ofPassword(stage.cluster(), ROBOT);
    private final String image = stage.newImage(TAG, 3_000_000, 500_000);

    CopiedImageE2E() {
        // containerd alone would ask the target over https.
        String entry = "  - {host: \"%s\", upstreams: [{url: \"%s\"}]}\n".formatted(target.host(), target.url());
        larder.apply(stage.spec("/var/lib/larder").replace("  storage:", entry + "  storage:"));
        larder.awaitReady(Stage.RESOURCE);
    }

    @AfterEach
    void allThere() {
        stage.upstream().ensureStarted();
        target.ensureStarted();
    }

    @AfterAll
    void gone() {
        resource().delete();
        target.stop();
        stage.larder();
        stage.cluster()
                .client()
                .secrets()
                .inNamespace(Larder.NAMESPACE)
                .withName(SECRET)
                .delete();
    }

    private Resource<MirroredImage> resource() {
        return stage.cluster().client().resources(MirroredImage.class).withName(NAME);
    }

    private String repository() {
        return image.substring(0, image.indexOf(':'));
    }

    private void mirror(String password) {
        stage.cluster()
                .client()
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName(SECRET)
                        .withNamespace(Larder.NAMESPACE)
                        .endMetadata()
                        .addToStringData("username", ROBOT.user())
                        .addToStringData("password", password)
                        .build())
                .serverSideApply();
        larder.apply("""
                apiVersion: larder.dev/v1alpha1
                kind: MirroredImage
                metadata: {name: %s}
                spec:
                  source: docker.io/%s
                  tags: {include: [%s]}
                  history: {keep: 1}
                  to:
                    repository: {url: "%s/%s", credentialsSecretRef: {name: %s}}
                """.formatted(NAME, repository(), TAG, target.pushUrl(), TARGET, SECRET));
    }

    private String move(long bytes) {
        stage.upstream().publish(image, bytes);
        String digest = stage.upstream().digest(image);
        Edits.edit(resource(), mirrored -> {
            mirrored.getMetadata().getAnnotations().put(MirroredImage.CHECK_NOW, digest);
            return mirrored;
        });
        return digest;
    }

    private void await(String what, BooleanSupplier is) {
        Await.until(what, LIMIT, is, () -> "It says " + resource().get() + ", and there are " + target.tags(TARGET));
    }

    private Optional<Condition> copied() {
        return Optional.ofNullable(resource().get().getStatus()).flatMap(status -> status.conditions().stream()
                .filter(condition -> condition.type().equals("Copied"))
                .findFirst());
    }

    private Optional<MirroredTagStatus> tag() {
        return Optional.ofNullable(resource().get().getStatus())
                .flatMap(status -> status.tags().stream().findFirst());
    }

    private void awaitCopy(String digest) {
        await(
                "the copy of " + digest,
                () -> tag().filter(tag -> tag.copy() != null
                                        && digest.equals(tag.copy().digest()))
                                .isPresent()
                        && copied().filter(condition -> condition.status() == Condition.Status.True)
                                .isPresent());
        assertThat(target.digest(TARGET + ":" + TAG)).isEqualTo(digest);
    }

    private String datedTag() {
        return String.valueOf(Objects.requireNonNull(tag().orElseThrow().copy()).datedTag());
    }

    @Test
    void whatIsServed_isAtTheOtherRegistry_byItsTagAndItsDate_asLongAsItIsRemembered() {
        String first = stage.upstream().digest(image);
        String signature = "sha256-" + first.substring("sha256:".length()) + ".sig";
        stage.upstream().publish(repository() + ":" + signature, 1000);
        mirror("a-wrong-password");
        await("the refusal", () -> copied().filter(
                        condition -> condition.reason().equals("CopyRefused")
                                && condition.message().contains("the login robot"))
                .isPresent());
        assertThat(tag().orElseThrow().servedDigest()).as("served all the same").isEqualTo(first);
        mirror(ROBOT.password());
        awaitCopy(first);
        String firstDated = datedTag();
        assertThat(firstDated).matches(TAG + "-20[0-9]{6}");
        assertThat(target.tags(TARGET)).containsOnly(TAG, firstDated, signature);
        assertThat(target.digest(TARGET + ":" + signature))
                .isEqualTo(stage.upstream().digest(repository() + ":" + signature));
        Puller member = stage.puller()
                .in(
                        Tenant.in(stage.cluster(), "copy-member")
                                .with(Map.of(target.host(), ROBOT))
                                .namespace(),
                        Tenant.SECRET);
        assertThat(member.pull(target.host() + "/" + TARGET + ":" + firstDated, "node1")
                        .imageBytes())
                .isGreaterThan(3_500_000);

        target.stop();
        String second = move(3_100_000);
        await("the target's outage", () -> copied().filter(
                        condition -> condition.reason().equals("CopyFailed"))
                .isPresent());
        assertThat(tag().orElseThrow().servedDigest()).isEqualTo(second);
        target.ensureStarted();
        awaitCopy(second);
        assertThat(target.digest(TARGET + ":" + TAG + "-previous")).isEqualTo(first);
        assertThat(target.digest(TARGET + ":" + firstDated)).isEqualTo(first);
        assertThat(target.digest(TARGET + ":" + datedTag())).isEqualTo(second);

        String third = move(3_200_000);
        awaitCopy(third);
        await("the end of the first one's date", () -> !target.tags(TARGET).contains(firstDated));
        assertThat(target.digest(TARGET + ":" + TAG + "-previous")).isEqualTo(second);
    }
}
