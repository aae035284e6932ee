package dev.larder.nodecache.oci;

import dev.larder.nodecache.error.InvalidRequest;

/** An image as people write it, with its registry: {@code docker.io/library/nginx:1.27} or {@code …@sha256:…}. */
public record ImageName(RepositoryKey repository, Reference reference) {

    /** A digest says more than a tag before it. @throws InvalidRequest when a part is missing or makes no sense */
    public static ImageName parse(String text) {
        int slash = text.indexOf('/');
        int at = text.indexOf('@');
        String name = at < 0 ? text : text.substring(0, at);
        int colon = name.lastIndexOf(':');
        boolean tagged = colon > slash;
        if (slash < 1 || (at < 0 ? !tagged : at < slash)) {
            throw new InvalidRequest(
                    InvalidRequest.Kind.NAME,
                    "not an image: write registry, repository, and a tag or a digest, as in docker.io/library/nginx:1.27");
        }
        String repository = name.substring(slash + 1, tagged ? colon : name.length());
        String reference = at < 0 ? name.substring(colon + 1) : text.substring(at + 1);
        if (at >= 0 && reference.indexOf(':') < 0) {
            throw new InvalidRequest(InvalidRequest.Kind.DIGEST, "not a digest behind the @: write sha256:…");
        }
        return new ImageName(
                new RepositoryKey(RegistryHost.parse(text.substring(0, slash)), new RepositoryName(repository)),
                Reference.parse(reference));
    }

    @Override
    public String toString() {
        return repository + (reference instanceof Reference.ByDigest ? "@" : ":") + reference;
    }
}
