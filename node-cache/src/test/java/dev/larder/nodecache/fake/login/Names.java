package dev.larder.nodecache.fake.login;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** Every host the simulators stand for, with the address it is said to have: nothing asks a real name server for them. */
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
    EVIL("evil.example.org"),
    /** A public name for what only the node may reach. */
    METADATA("metadata.evil.example.org", "169.254.169.254"),
    LOOPBACK("loopback.evil.example.org", "127.0.0.1");

    private final String host;
    private final InetAddress address;

    Names(String host) {
        this(host, "203.0.113.10");
    }

    Names(String host, String address) {
        this.host = host;
        this.address = InetAddress.ofLiteral(address);
    }

    String host() {
        return host;
    }

    String url() {
        return "https://" + host;
    }

    static Optional<InetAddress> resolve(String host) {
        return Arrays.stream(values())
                .filter(name -> name.host.equals(host))
                .map(name -> name.address)
                .findFirst();
    }

    /** For a certificate. */
    static String alternativeNames() {
        return Arrays.stream(values()).map(name -> "dns:" + name.host).collect(Collectors.joining(","));
    }
}
