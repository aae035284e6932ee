package dev.larder.operator.config;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.crds.v1alpha1.MirroredImage;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.quarkus.kubernetes.client.KubernetesClientObjectMapperCustomizer;
import jakarta.inject.Singleton;

/**
 * Leaves out who has written which field when a MirroredImage is read. It is the larger part of one, and the SDK keeps what
 * the API server has answered to a write until its watch has caught up: while thousands of resources come, thousands of these
 * answers. Only of this kind: for the objects of a RegistryCache the SDK compares these fields.
 */
@Singleton
public final class WithoutManagedFields implements KubernetesClientObjectMapperCustomizer {

    @Override
    public void customize(ObjectMapper mapper) {
        mapper.addMixIn(MirroredImage.class, Metadata.class);
    }

    /** What is said of a MirroredImage beside its own annotations. */
    interface Metadata {
        @JsonIgnoreProperties("managedFields")
        void setMetadata(ObjectMeta metadata);
    }
}
