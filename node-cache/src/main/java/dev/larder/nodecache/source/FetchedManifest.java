package dev.larder.nodecache.source;

import dev.larder.nodecache.oci.MediaType;

/** A manifest as it came, byte for byte. The array is not copied and must not be changed. */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody; a copy per request would be waste
public record FetchedManifest(MediaType mediaType, byte[] bytes) {}
