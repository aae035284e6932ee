package dev.larder.nodecache.fake.login;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Every host the simulators stand for. Nobody looks their addresses up: a proxy leads to them. */
enum Names {
    DOCKER_HUB("registry-1.docker.io"),
    DOCKER_AUTH("auth.docker.io"),
    DOCKER_STORAGE("production.cloudflare.docker.com"),
    GHCR("ghcr.io"),
    GHCR_STORAGE("pkg-containers.githubusercontent.com"),
    QUAY("quay.io"),
    QUAY_STORAGE("cdn01.quay.io"),
    GITLAB_REGISTRY("registry.gitlab.com"),
    GITLAB("gitlab.com"),
    GITLAB_STORAGE("cdn.registry.gitlab-static.net"),
    HARBOR("harbor.example.com"),
    ARTIFACTORY("acme.jfrog.io"),
    ECR("123456789012.dkr.ecr.eu-west-1.amazonaws.com"),
    ECR_STORAGE("prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com"),
    ECR_PUBLIC("public.ecr.aws"),
    ECR_PUBLIC_STORAGE("d5l0dvt14r5h8.cloudfront.net"),
    ARTIFACT_REGISTRY("europe-west1-docker.pkg.dev"),
    GCR("gcr.io"),
    GCR_STORAGE("storage.googleapis.com"),
    ACR("acme.azurecr.io"),
    ACR_STORAGE("acmestorage.blob.core.windows.net"),
    REGISTRY("registry.example.com"),
    TOKEN_SERVER("auth.example.com"),
    ZOT("zot.example.com"),
    STORAGE("storage.example.net"),
    /** Another customer of the same hoster. */
    NEIGHBOUR("evil.azurecr.io"),
    EVIL("evil.example.org");

    private final String host;

    Names(String host) {
        this.host = host;
    }

    String host() {
        return host;
    }

    String url() {
        return "https://" + host;
    }

    static boolean has(String host) {
        return Arrays.stream(values()).anyMatch(name -> name.host.equals(host));
    }

    /** For a certificate. */
    static String alternativeNames() {
        return Arrays.stream(values()).map(name -> "dns:" + name.host).collect(Collectors.joining(","));
    }
}
