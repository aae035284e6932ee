package dev.larder.nodecache.upstream;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tells one content of a mounted Secret or ConfigMap from the next without reading it: each is put there as files of its own.
 *
 * @param place a file, or a folder; null when there is none
 */
record MountedFile(@Nullable Path place) {

    private static final List<String> NAMES = List.of("", ".dockerconfigjson", "config.json", "username", "password");

    /** Another text for another content. */
    String stamp() {
        if (place == null) {
            return "";
        }
        StringBuilder stamp = new StringBuilder();
        for (String name : NAMES) {
            try {
                var file = Files.readAttributes(place.resolve(name), BasicFileAttributes.class);
                if (file.isRegularFile()) {
                    stamp.append(file.fileKey()).append('@').append(file.lastModifiedTime());
                }
            } catch (IOException e) {
                stamp.append('-'); // not there
            }
        }
        return stamp.toString();
    }
}
