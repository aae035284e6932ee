package dev.larder.e2e.images;

import dev.larder.e2e.process.CommandFailure;
import dev.larder.e2e.toolchain.Exclusive;
import dev.larder.e2e.toolchain.Progress;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;

/** {@code make images}: both container images as OCI archives beside what Maven packaged. */
public final class BuildImages {
    /** Where the node cache's image is written, below the source tree. */
    public static final String NODE_CACHE_ARCHIVE = "node-cache/target/node-cache-image.tar";
    /** Where the operator's image is written, below the source tree. */
    public static final String OPERATOR_ARCHIVE = "operator/target/operator-image.tar";

    private BuildImages() {}

    public static void main(String[] arguments) throws IOException {
        PrintStream out = System.out;
        try {
            for (BuiltImage image : build(out)) {
                print(image, out);
            }
        } catch (ImageBuildException | CommandFailure e) {
            System.err.println("The images cannot be built. " + e.getMessage());
            System.exit(1);
        }
    }

    /** Builds what is not built yet and says on {@code out} what takes time; one process at a time does. */
    public static List<BuiltImage> build(PrintStream out) throws IOException {
        Workspace workspace = Workspace.find();
        return Exclusive.holding(workspace.project().resolve("target/images.lock"), () -> build(workspace, out));
    }

    private static List<BuiltImage> build(Workspace workspace, PrintStream out) throws IOException {
        Architecture architecture = Architecture.ofThisMachine();
        ImageBuilder builder = new ImageBuilder(workspace, new Progress(out));
        Path project = workspace.project();
        ImagePlan nodeCache = NodeCacheImage.plan(workspace, architecture);
        BuiltImage nodeCacheImage = builder.build(
                nodeCache,
                project.resolve(NODE_CACHE_ARCHIVE),
                new NodeCacheTraining(
                        nodeCache.programs().get(0), nodeCache.programs().get(1)));
        ImagePlan operator = OperatorImage.plan(workspace);
        BuiltImage operatorImage = builder.build(
                operator,
                project.resolve(OPERATOR_ARCHIVE),
                new OperatorTraining(operator.programs().getFirst()));
        return List.of(nodeCacheImage, operatorImage);
    }

    private static void print(BuiltImage image, PrintStream out) {
        out.printf(
                "%s  %s%n  %s, %s%n",
                image.reference(), image.fresh() ? "written" : "up to date", image.archive(), megabytes(image.bytes()));
        for (BuiltImage.Layer layer : image.layers()) {
            out.printf("  %10s  %s%n", megabytes(layer.bytes()), layer.name());
        }
        out.printf("  %s%n", image.digest());
    }

    private static String megabytes(long bytes) {
        return "%.1f MB".formatted(bytes / 1e6);
    }
}
