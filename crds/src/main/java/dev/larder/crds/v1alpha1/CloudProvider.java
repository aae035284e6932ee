package dev.larder.crds.v1alpha1;

/** Clouds whose registries take a short-lived login of a cloud identity; the names are those of the API. */
public enum CloudProvider {
    /** Amazon Elastic Container Registry, private and public. */
    ECR,
    /** Google Artifact Registry and Container Registry. */
    GAR,
    /** Azure Container Registry. */
    ACR
}
