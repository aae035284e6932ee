package dev.larder.nodecache.containerd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How some files stand: equal stamps mean that, to within the clock's grain, nothing about them has changed. A folder's
 * stamp changes with the names in it. One look each, where comparing contents takes many.
 */
record Stamps(List<Map<String, Object>> stamps) {

    static Stamps of(List<Path> paths) throws IOException {
        List<Map<String, Object>> stamps = new ArrayList<>();
        for (Path path : paths) {
            try {
                stamps.add(Files.readAttributes(path, "unix:ino,ctime,size", LinkOption.NOFOLLOW_LINKS));
            } catch (NoSuchFileException e) {
                stamps.add(Map.of());
            }
        }
        return new Stamps(stamps);
    }
}
