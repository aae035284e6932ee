package dev.larder.e2e.images;

import dev.larder.e2e.toolchain.DebianArchive;
import dev.larder.e2e.toolchain.Progress;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Stream;

/**
 * From a plan to an OCI archive: lays the root file system in the cache, trains the programs in it, packs it. A step whose
 * inputs are those of the last time is not repeated, so the same inputs give the same bytes on one machine. (The ahead-of-time
 * caches come from a real run and differ between machines.)
 */
final class ImageBuilder {
    /** Changes whenever this package packs the same inputs differently. */
    private static final String RECIPE = "1";

    private static final int ROOTS_KEPT = 3;
    /** Jib's time of files in layers, and the time the ahead-of-time caches remember of each jar. */
    private static final FileTime FILE_TIME = FileTime.from(Instant.ofEpochSecond(1));

    private final Workspace workspace;
    private final Progress progress;

    ImageBuilder(Workspace workspace, Progress progress) {
        this.workspace = workspace;
        this.progress = progress;
    }

    /** Runs the programs of an image in its root, so that each ahead-of-time cache of the plan is there afterwards. */
    interface Training {
        void train(Path root) throws IOException, InterruptedException;
    }

    /** The image, its archive at the given place. */
    BuiltImage build(ImagePlan plan, Path archive, Training training) throws IOException {
        Architecture architecture = Architecture.ofThisMachine();
        DebianArchive packages = new DebianArchive(workspace.cache(), progress);
        Path runtime = JavaRuntime.link(workspace, plan.modules(), progress);
        InputsKey inputs = new InputsKey()
                .add(RECIPE)
                .add(architecture.oci())
                .add(runtime.getFileName().toString())
                .add(BaseFiles.version(packages));
        plan.addTo(inputs);
        String key = inputs.hex();
        String kind = "roots/" + plan.shortName();
        Path root = workspace.cached(kind, key, folder -> {
            progress.say("Laying out and training " + plan.reference());
            lay(plan, packages, architecture, runtime, folder);
            train(plan, training, folder);
        });
        workspace.prune(kind, ROOTS_KEPT);
        return OciArchive.write(workspace, plan, architecture, root, key, archive);
    }

    private static void lay(ImagePlan plan, DebianArchive packages, Architecture architecture, Path runtime, Path root)
            throws IOException {
        BaseFiles.lay(packages, architecture, root);
        Path home = root.resolve(JavaProgram.HOME.substring(1));
        copyTree(runtime, home.resolve("jre"));
        for (SortedMap<String, Path> files : List.of(plan.libraries(), plan.classes())) {
            for (Map.Entry<String, Path> file : files.entrySet()) {
                Path target = home.resolve("lib").resolve(file.getKey());
                Files.createDirectories(target.getParent());
                Files.copy(file.getValue(), target);
            }
        }
        for (JavaProgram program : plan.programs()) {
            Files.writeString(root.resolve(program.argsFile().substring(1)), program.argsFileContent());
        }
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.toList()) {
                Files.setLastModifiedTime(file, FILE_TIME);
            }
        }
    }

    private static void train(ImagePlan plan, Training training, Path root) throws IOException {
        try {
            training.train(root);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ImageBuildException("Interrupted while training " + plan.reference() + ".", e);
        }
        for (JavaProgram program : plan.programs()) {
            if (!Files.exists(root.resolve(program.aotFile().substring(1)))) {
                throw new ImageBuildException("Training " + plan.reference() + " left no " + program.aotFile()
                        + ", which " + program.name() + " needs.");
            }
        }
    }

    /** Links become the files they lead to: a runtime links its licence texts together. */
    private static void copyTree(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from, FileVisitOption.FOLLOW_LINKS)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                    if (Files.isExecutable(file)) {
                        boolean changed = target.toFile().setExecutable(true, false);
                        if (!changed) {
                            throw new IOException("Cannot make executable: " + target);
                        }
                    }
                }
            }
        }
    }
}
