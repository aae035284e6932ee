package dev.larder.e2e.images;

import dev.larder.e2e.toolchain.CacheFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The packed operator as a command of this machine: what users run, in the image's own root, without a cluster around it.
 * Closing it removes the folder that it was given; whoever has started the command ends it first.
 */
public final class PackedOperator implements AutoCloseable {

    private final Path folder;
    private final List<String> line;
    private final Map<String, String> environment;

    private PackedOperator(Path folder, List<String> line, Map<String, String> environment) {
        this.folder = folder;
        this.line = line;
        this.environment = environment;
    }

    /** @param kubeconfig a copy is put where it finds it */
    public static PackedOperator of(BuiltImage image, Path kubeconfig) throws IOException {
        JavaProgram program = OperatorImage.plan(Workspace.find()).programs().getFirst();
        Path folder =
                Files.createTempDirectory(Files.createDirectories(image.root().resolve("tmp")), "operator");
        Files.copy(kubeconfig, folder.resolve("kubeconfig"));
        Path inside = Path.of("/").resolve(image.root().relativize(folder));
        Map<String, String> environment = new HashMap<>(ImagePlan.ENVIRONMENT);
        environment.put("KUBECONFIG", inside + "/kubeconfig");
        return new PackedOperator(folder, Jail.open(image.root()).line(program.command()), environment);
    }

    /** The process that this begins becomes the operator's. */
    public List<String> line() {
        return line;
    }

    public Map<String, String> environment() {
        return Map.copyOf(environment);
    }

    @Override
    public void close() {
        CacheFolder.delete(folder);
    }
}
