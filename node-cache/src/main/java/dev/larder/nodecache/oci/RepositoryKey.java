package dev.larder.nodecache.oci;

/** One repository of one registry. */
public record RepositoryKey(RegistryHost registry, RepositoryName repository) {

    @Override
    public String toString() {
        return registry + "/" + repository;
    }
}
