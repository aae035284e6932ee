package dev.larder.nodecache.registry;

import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.Reference;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.oci.Tag;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Tags whose meaning is given, whatever their upstream says: they are answered as the digest is. Safe for many threads. */
public final class FrozenTags {

    private final ConcurrentHashMap<Name, Digest> meanings = new ConcurrentHashMap<>();

    /** A tag of a repository. */
    public record Name(RepositoryKey repository, Tag tag) {}

    /** Takes over these, and no others. */
    public void replace(Map<Name, Digest> next) {
        meanings.keySet().retainAll(next.keySet());
        meanings.putAll(next);
    }

    /** Changes one. */
    public void put(Name name, Digest digest) {
        meanings.put(name, digest);
    }

    public Optional<Digest> find(Name name) {
        return Optional.ofNullable(meanings.get(name));
    }

    /** The digest in place of such a tag; any other reference as it is. */
    Reference meaning(RepositoryKey repository, Reference reference) {
        if (reference instanceof Reference.ByTag(Tag tag) && !meanings.isEmpty()) {
            Digest digest = meanings.get(new Name(repository, tag));
            return digest == null ? reference : new Reference.ByDigest(digest);
        }
        return reference;
    }
}
