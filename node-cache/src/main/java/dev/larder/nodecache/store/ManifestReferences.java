package dev.larder.nodecache.store;

import dev.larder.nodecache.oci.Digest;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a manifest or an index refers to: the digests of all its descriptors (image-spec, "OCI Content Descriptors"), found
 * without parsing it. One too many or too few changes only what is evicted first.
 */
final class ManifestReferences {

    private static final Pattern DIGEST =
            Pattern.compile("\"digest\"\\s*:\\s*\"(sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})\"");
    private static final int MAX = 4096;

    private ManifestReferences() {}

    static List<BlobKey> in(byte[] manifest) {
        Matcher matcher = DIGEST.matcher(new String(manifest, StandardCharsets.UTF_8));
        Set<BlobKey> found = new LinkedHashSet<>();
        while (matcher.find() && found.size() < MAX) {
            found.add(BlobKey.of(Digest.parse(matcher.group(1))));
        }
        return List.copyOf(found);
    }
}
