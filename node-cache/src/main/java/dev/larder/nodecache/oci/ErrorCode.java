package dev.larder.nodecache.oci;

/** The specification's error codes that a read-only registry needs, by their names on the wire. */
public enum ErrorCode {
    BLOB_UNKNOWN,
    DENIED,
    DIGEST_INVALID,
    MANIFEST_INVALID,
    MANIFEST_UNKNOWN,
    NAME_INVALID,
    NAME_UNKNOWN,
    SIZE_INVALID,
    TAG_INVALID,
    TOOMANYREQUESTS,
    UNAUTHORIZED,
    UNAVAILABLE,
    UNSUPPORTED
}
