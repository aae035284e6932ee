package dev.larder.nodecache.fake.login;

/** Every registry there is a simulator of. */
public enum Simulators {
    DOCKER_HUB,
    GHCR,
    QUAY,
    GITLAB,
    HARBOR,
    ARTIFACTORY_BASIC,
    ARTIFACTORY_BEARER,
    ECR,
    ECR_PUBLIC,
    ARTIFACT_REGISTRY,
    GCR,
    ACR,
    REGISTRY_HTPASSWD,
    REGISTRY_TOKEN_SERVER,
    ZOT_BASIC,
    ZOT_BEARER,
    PLAIN;

    /** Puts its hosts there. */
    public LoginSimulator in(Internet internet) {
        return switch (this) {
            case DOCKER_HUB -> DockerHub.in(internet);
            case GHCR -> Ghcr.in(internet);
            case QUAY -> Quay.in(internet);
            case GITLAB -> GitLab.in(internet);
            case HARBOR -> Harbor.in(internet);
            case ARTIFACTORY_BASIC -> Artifactory.basicIn(internet);
            case ARTIFACTORY_BEARER -> Artifactory.bearerIn(internet);
            case ECR -> EcrPrivate.in(internet);
            case ECR_PUBLIC -> EcrPublic.in(internet);
            case ARTIFACT_REGISTRY -> Google.artifactRegistryIn(internet);
            case GCR -> Google.gcrIn(internet);
            case ACR -> Acr.in(internet);
            case REGISTRY_HTPASSWD -> Distribution.htpasswdIn(internet);
            case REGISTRY_TOKEN_SERVER -> Distribution.tokenServerIn(internet);
            case ZOT_BASIC -> Zot.basicIn(internet);
            case ZOT_BEARER -> Zot.bearerIn(internet);
            case PLAIN -> PlainRegistry.in(internet);
        };
    }
}
