package dev.larder.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.MirroredImage;
import dev.larder.crds.v1alpha1.MirroredTagStatus;
import dev.larder.e2e.cluster.Edits;
import dev.larder.e2e.install.Larder;
import dev.larder.e2e.process.Await;
import dev.larder.e2e.toolchain.CacheFolder;
import dev.larder.e2e.toolchain.Cosign;
import dev.larder.e2e.toolchain.Progress;
import dev.larder.e2e.upstream.ImageSigner;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Only what the real cosign has signed with a given key is promoted. */
class SignedImageE2E {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final String NAME = "signed";
    private static final String TAG = "stable";

    private final Stage stage = Stage.shared();
    private final Larder larder = stage.larder();
    private final Path cosign = Cosign.prepare(CacheFolder.ofEnvironment(), new Progress(System.out));
    private final ImageSigner owner = signer("owner");
    private final ImageSigner somebody = signer("somebody");
    private final String image = stage.newImage(TAG, 1_000_000);

    @AfterEach
    void gone() {
        resource().delete();
    }

    private ImageSigner signer(String name) {
        return ImageSigner.generate(cosign, stage.cluster().folder().resolve("keys-" + name));
    }

    private Resource<MirroredImage> resource() {
        return stage.cluster().client().resources(MirroredImage.class).withName(NAME);
    }

    private String repository() {
        return image.substring(0, image.indexOf(':'));
    }

    private void sign(ImageSigner signer, String digest, ImageSigner.Form form) {
        signer.sign(stage.upstream().pushUrl(), repository() + "@" + digest, form);
    }

    private void look(String trigger) {
        Edits.edit(resource(), mirrored -> {
            mirrored.getMetadata().getAnnotations().put(MirroredImage.CHECK_NOW, trigger);
            return mirrored;
        });
    }

    private Optional<MirroredTagStatus> tag() {
        return Optional.ofNullable(resource().get().getStatus())
                .flatMap(status -> status.tags().stream().findFirst());
    }

    private void await(String what, Predicate<MirroredTagStatus> is) {
        Await.until(
                what,
                LIMIT,
                () -> tag().filter(is).isPresent(),
                () -> "It says " + resource().get());
    }

    private void awaitWaiting(String reason) {
        await(reason, tag -> tag.waiting() != null && tag.waiting().contains(reason));
    }

    @Test
    void unsignedAndWronglySignedDigests_areRefused_andRightlySignedOnesServed_inBothForms() {
        String first = stage.upstream().digest(image);
        sign(owner, first, ImageSigner.Form.TAG);
        larder.apply("""
                apiVersion: larder.dev/v1alpha1
                kind: MirroredImage
                metadata: {name: %s}
                spec:
                  source: docker.io/%s
                  tags: {include: [%s]}
                  verify:
                    cosign:
                      publicKeys:
                      - |
                %s
                """.formatted(NAME, repository(), TAG, owner.publicKey().indent(8)));
        await("what is signed", tag -> first.equals(tag.servedDigest()));

        stage.upstream().publish(image, 1_100_000);
        String second = stage.upstream().digest(image);
        look("1");
        awaitWaiting("refused by spec.verify: it has no signature");
        sign(somebody, second, ImageSigner.Form.TAG);
        look("2");
        awaitWaiting("refused by spec.verify: none of its 1 signatures is by a given key");
        assertThat(tag().orElseThrow().servedDigest()).isEqualTo(first);
        assertThat(stage.cluster()
                        .client()
                        .events()
                        .v1()
                        .events()
                        .inNamespace("default")
                        .list()
                        .getItems())
                .anySatisfy(event -> {
                    assertThat(event.getReason()).isEqualTo("SignatureRefused");
                    assertThat(event.getRegarding().getName()).isEqualTo(NAME);
                });
        sign(owner, second, ImageSigner.Form.BUNDLE);
        look("3");
        await("what is signed by now", tag -> second.equals(tag.servedDigest()));
    }
}
