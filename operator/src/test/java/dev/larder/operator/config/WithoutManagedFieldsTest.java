package dev.larder.operator.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.crds.v1alpha1.MirroredImage;
import dev.larder.crds.v1alpha1.RegistryCache;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import org.junit.jupiter.api.Test;

class WithoutManagedFieldsTest {

    private static final String JSON = """
            {"apiVersion": "larder.dev/v1alpha1", "kind": "%s", "metadata": {"name": "nginx", "resourceVersion": "7",
              "managedFields": [{"manager": "kubectl", "operation": "Apply", "fieldsV1": {"f:spec": {"f:source": {}}}}],
              "annotations": {"some": "thing"}}}
            """;

    private final KubernetesSerialization serialization = serialization();

    private static KubernetesSerialization serialization() {
        ObjectMapper mapper = new ObjectMapper();
        new WithoutManagedFields().customize(mapper);
        return new KubernetesSerialization(mapper, true);
    }

    @Test
    void mirroredImage_isReadWithoutThem_andWithTheRestOfItsMetadata() {
        MirroredImage image = serialization.unmarshal(JSON.formatted("MirroredImage"), MirroredImage.class);
        assertThat(image.getMetadata().getManagedFields()).isEmpty();
        assertThat(image.getMetadata().getAdditionalProperties()).isEmpty();
        assertThat(image.getMetadata().getName()).isEqualTo("nginx");
        assertThat(image.getMetadata().getResourceVersion()).isEqualTo("7");
        assertThat(image.getMetadata().getAnnotations()).containsEntry("some", "thing");
    }

    @Test
    void otherKinds_keepThem() {
        RegistryCache cache = serialization.unmarshal(JSON.formatted("RegistryCache"), RegistryCache.class);
        assertThat(cache.getMetadata().getManagedFields()).hasSize(1);
    }
}
