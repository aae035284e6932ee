package dev.larder.operator.mirroredimage;

import static dev.larder.operator.mirroredimage.Specs.digest;
import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.Condition;
import dev.larder.crds.v1alpha1.MirroredImage;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The reconciler from what is served to what is at another registry. */
@EnableKubernetesMockClient(crud = true)
class CopiesTest {

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

    private void target(String more) {
        played.apply(
                "nginx", "to: {repository: {url: \"https://t.test/mirror/nginx\"" + more + "}}\nhistory: {keep: 1}");
    }

    private void login() {
        played.client
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("push")
                        .withNamespace(PlayedMirror.NAMESPACE)
                        .endMetadata()
                        .addToData("username", "cm9ib3Q=")
                        .addToData("password", "dGhlLXBhc3N3b3Jk")
                        .build())
                .create();
    }

    private void promote(int digest, String trigger) {
        played.upstream.put(Specs.SOURCE + ":1.27", digest(digest));
        played.edit("nginx", image -> image.getMetadata().setAnnotations(Map.of(MirroredImage.CHECK_NOW, trigger)));
        PlayedMirror.await("its copy").until(() -> played.tag("nginx")
                .filter(tag -> tag.copy() != null && tag.copy().digest().equals(digest(digest)))
                .isPresent());
    }

    @Test
    void whatIsServed_isCopied_withTheLogin_andItsDatedTagGoesWithTheHistory() {
        played.cache();
        login();
        played.upstream.put(Specs.SOURCE + ":1.27", digest(1));
        played.answers.add(PlayedMirror.GOING_ON);
        target(", credentialsSecretRef: {name: push}");
        played.is("nginx", "Copied", Condition.Status.True);
        assertThat(played.orders).hasSize(2).allSatisfy(order -> assertThat(order)
                .contains(
                        "/jobs/v1/copy",
                        Specs.SOURCE + "@" + digest(1),
                        "\"username\":\"robot\",\"password\":\"the-password\"",
                        "\"attachments\":true")
                .containsPattern("\"tags\":\\[\"1.27\",\"1.27-20\\d{6}\"]"));
        promote(2, "1");
        assertThat(played.orders.getLast()).contains("\"also\":{\"1.27-previous\":\"" + digest(1) + "\"}");
        String first = played.tag("nginx").orElseThrow().history().getFirst().datedTag();
        promote(3, "2");
        PlayedMirror.await("the first one's end")
                .until(() -> played.orders.getLast().startsWith("/jobs/v1/untag")
                        && played.client
                                .resources(MirroredImage.class)
                                .withName("nginx")
                                .get()
                                .getStatus()
                                .removing()
                                .isEmpty());
        assertThat(played.orders.getLast()).contains("\"tag\":\"" + first + "\"", digest(1), "\"wanted\":false");
        assertThat(played.client
                        .events()
                        .v1()
                        .events()
                        .inNamespace("default")
                        .list()
                        .getItems())
                .extracting(event -> event.getReason())
                .contains("Copied");
    }

    @Test
    void targetThatIsDown_isSaidAndTriedAgain_andWhatIsServedStays() {
        played.cache();
        played.upstream.put(Specs.SOURCE + ":1.27", digest(1));
        played.answers.add(PlayedMirror.DOWN);
        target("");
        PlayedMirror.await("the reason").until(() -> played.condition("nginx", "Copied")
                .filter(copied -> copied.reason().equals(Copier.FAILED)
                        && copied.message().contains("t.test answered 503")
                        && copied.message().contains("0 of 1 tags are in t.test/mirror/nginx; tried again at"))
                .isPresent());
        played.is("nginx", "Ready", Condition.Status.True);
        played.is("nginx", "Copied", Condition.Status.True);
        assertThat(played.orders).hasSize(2);
    }

    @Test
    void loginThatIsNotThere_isNamed() {
        played.cache();
        played.upstream.put(Specs.SOURCE + ":1.27", digest(1));
        target(", credentialsSecretRef: {name: push}");
        PlayedMirror.await("the reason").until(() -> played.condition("nginx", "Copied")
                .filter(copied -> copied.reason().equals(Copier.UNUSABLE)
                        && copied.message()
                                .contains("spec.to.repository.credentialsSecretRef: there is no Secret push"))
                .isPresent());
        assertThat(played.orders).isEmpty();
        login();
        played.is("nginx", "Copied", Condition.Status.True);
    }
}
