package dev.larder.nodecache.store;

import dev.larder.nodecache.oci.Descriptor;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.MediaType;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a tag meant when the upstream was last asked.
 *
 * @param checkedAt when the upstream last confirmed it
 */
public record TagRecord(Descriptor descriptor, Instant checkedAt) {

    String format() {
        return String.join(
                "\n",
                descriptor.digest().toString(),
                descriptor.mediaType().value(),
                Long.toString(descriptor.size()),
                checkedAt.toString(),
                "");
    }

    /** Empty when it is not a whole record. */
    static Optional<TagRecord> parse(String text) {
        List<String> lines = text.lines().toList();
        if (lines.size() != 4) {
            return Optional.empty();
        }
        try {
            Descriptor descriptor = new Descriptor(
                    MediaType.parse(lines.get(1)), Digest.parse(lines.get(0)), Long.parseLong(lines.get(2)));
            return Optional.of(new TagRecord(descriptor, Instant.parse(lines.get(3))));
        } catch (IllegalArgumentException | DateTimeException | dev.larder.nodecache.error.InvalidRequest e) {
            return Optional.empty();
        }
    }
}
