package dev.larder.operator.mirroredimage;

import dev.larder.crds.v1alpha1.MirroredImage;
import dev.larder.crds.v1alpha1.MirroredImageSpec;
import dev.larder.crds.v1alpha1.TagSelectionSpec;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;

/** MirroredImages from YAML. */
final class Specs {

    static final String SOURCE = "docker.io/library/nginx";
    private static final KubernetesSerialization YAML = new KubernetesSerialization();

    private Specs() {}

    /** @param more fields of the spec, one a line */
    static MirroredImageSpec spec(String more) {
        String tags = more.contains("tags:") ? "" : "tags: {include: [\"1.27\"]}\n";
        String source = more.contains("source:") ? "" : "source: " + SOURCE + "\n";
        return YAML.unmarshal(source + tags + more, MirroredImageSpec.class);
    }

    static TagSelectionSpec tags(String rules) {
        return spec("tags: " + rules).tags();
    }

    static MirroredImage image(String name, String created, String more) {
        MirroredImage image = new MirroredImage();
        image.getMetadata().setName(name);
        image.getMetadata().setUid("uid-" + name);
        image.getMetadata().setGeneration(1L);
        image.getMetadata().setCreationTimestamp(created);
        image.setSpec(spec(more));
        return image;
    }

    static String digest(int number) {
        return "sha256:" + String.format("%064x", number);
    }
}
