package dev.larder.e2e.install;

import dev.larder.e2e.images.BuildImages;
import dev.larder.e2e.toolchain.SourceTree;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;

/** Larder's own images as archives, built from this source tree when they are not up to date. */
public final class LarderImages {
    private LarderImages() {}

    public static List<Path> build(PrintStream out) throws IOException {
        BuildImages.build(out);
        Path tree = SourceTree.find();
        return List.of(tree.resolve(BuildImages.NODE_CACHE_ARCHIVE), tree.resolve(BuildImages.OPERATOR_ARCHIVE));
    }
}
