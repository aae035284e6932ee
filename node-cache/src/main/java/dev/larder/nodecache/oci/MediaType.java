package dev.larder.nodecache.oci;

import java.util.List;
import java.util.Locale;

/** A media type without parameters, lower case. */
public record MediaType(String value) {

    public static final MediaType OCI_INDEX = new MediaType("application/vnd.oci.image.index.v1+json");
    public static final MediaType OCI_MANIFEST = new MediaType("application/vnd.oci.image.manifest.v1+json");
    public static final MediaType DOCKER_LIST =
            new MediaType("application/vnd.docker.distribution.manifest.list.v2+json");
    public static final MediaType DOCKER_MANIFEST =
            new MediaType("application/vnd.docker.distribution.manifest.v2+json");
    public static final MediaType OCTET_STREAM = new MediaType("application/octet-stream");

    /** What we ask for when a client does not say. */
    public static final List<MediaType> MANIFESTS = List.of(OCI_INDEX, OCI_MANIFEST, DOCKER_LIST, DOCKER_MANIFEST);

    private static final int MAX_LENGTH = 255;

    public MediaType {
        boolean printable = value.chars().allMatch(c -> c > ' ' && c < 127);
        if (value.isEmpty() || value.length() > MAX_LENGTH || !printable) {
            throw new IllegalArgumentException("not a media type");
        }
    }

    /** Takes a Content-Type or one member of Accept; parameters are dropped. */
    public static MediaType parse(String text) {
        int semicolon = text.indexOf(';');
        String type = (semicolon < 0 ? text : text.substring(0, semicolon)).trim();
        if (type.length() > MAX_LENGTH) {
            // Before it is lowered, which costs the square of the length for some letters (OciFuzzTest).
            throw new IllegalArgumentException("not a media type");
        }
        return new MediaType(type.toLowerCase(Locale.ROOT));
    }

    @Override
    public String toString() {
        return value;
    }
}
