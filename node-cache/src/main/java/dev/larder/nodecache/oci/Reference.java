package dev.larder.nodecache.oci;

/** Which manifest of a repository is meant. */
public sealed interface Reference {

    record ByTag(Tag tag) implements Reference {
        @Override
        public String toString() {
            return tag.value();
        }
    }

    record ByDigest(Digest digest) implements Reference {
        @Override
        public String toString() {
            return digest.toString();
        }
    }

    /** A colon tells a digest from a tag, which cannot have one. */
    static Reference parse(String text) {
        return text.indexOf(':') >= 0 ? new ByDigest(Digest.parse(text)) : new ByTag(new Tag(text));
    }
}
