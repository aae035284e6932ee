package dev.larder.e2e.upstream;

/**
 * A request to the upstream as it comes in: {@code tls} when it came as to a public registry; {@code authorization} is empty
 * without that header.
 */
public record Call(boolean tls, String method, String path, String userAgent, String authorization) {
    /** Whether containerd sent it by itself, past the cache. */
    public boolean direct() {
        return userAgent.startsWith("containerd/");
    }

    public boolean ofBlob() {
        return path.contains("/blobs/");
    }
}
