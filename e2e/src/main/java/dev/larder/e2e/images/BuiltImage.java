package dev.larder.e2e.images;

import java.nio.file.Path;
import java.util.List;

/**
 * An image as written.
 *
 * @param root its unpacked root file system in the cache, for running its programs on this machine
 * @param digest of its manifest
 * @param fresh false when the archive of an earlier build was already this image
 */
public record BuiltImage(
        String reference, Path archive, Path root, String digest, long bytes, List<Layer> layers, boolean fresh) {
    public BuiltImage {
        layers = List.copyOf(layers);
    }

    /** One layer: its compressed size is what a pull downloads. */
    public record Layer(String name, long bytes) {}
}
