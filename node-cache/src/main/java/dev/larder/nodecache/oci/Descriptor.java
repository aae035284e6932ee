package dev.larder.nodecache.oci;

/** What a manifest is, without its bytes. */
public record Descriptor(MediaType mediaType, Digest digest, long size) {

    public Descriptor {
        if (size < 0) {
            throw new IllegalArgumentException("a size is at least 0");
        }
    }
}
