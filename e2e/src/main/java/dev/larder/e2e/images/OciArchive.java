package dev.larder.e2e.images;

import com.google.cloud.tools.jib.api.CacheDirectoryCreationException;
import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.RegistryException;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import com.google.cloud.tools.jib.api.buildplan.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;

/** Packs an image's root file system as an OCI archive that {@code ctr images import} takes under the image's full name. */
final class OciArchive {
    private static final String HOME = JavaProgram.HOME;
    private static final FilePermissions EXECUTABLE = FilePermissions.fromOctalString("755");
    private static final FilePermissions EVERYBODY = FilePermissions.fromOctalString("777");

    private OciArchive() {}

    /** Writes the archive unless the one that is there was made from the same inputs. */
    static BuiltImage write(
            Workspace workspace, ImagePlan plan, Architecture architecture, Path root, String key, Path archive)
            throws IOException {
        Path stamp = archive.resolveSibling(archive.getFileName() + ".inputs");
        boolean fresh = !Files.exists(archive)
                || !Files.exists(stamp)
                || !Files.readString(stamp).equals(key);
        if (fresh) {
            Files.createDirectories(archive.getParent());
            Files.deleteIfExists(stamp);
            Path plain = archive.resolveSibling(archive.getFileName() + ".part");
            containerize(workspace, plan, architecture, root, plain);
            OciIndex.name(plain, archive, plan.reference(), architecture);
            Files.delete(plain);
            Files.writeString(stamp, key);
        }
        OciIndex index = OciIndex.read(archive);
        return new BuiltImage(
                plan.reference(), archive, root, index.manifestDigest(), Files.size(archive), index.layers(), fresh);
    }

    private static void containerize(
            Workspace workspace, ImagePlan plan, Architecture architecture, Path root, Path target) throws IOException {
        JibContainerBuilder image = Jib.fromScratch()
                .setFormat(ImageFormat.OCI)
                .setPlatforms(Set.of(new Platform(architecture.oci(), "linux")))
                .setCreationTime(Instant.EPOCH)
                .setUser(ImagePlan.USER + ":" + ImagePlan.USER)
                .setEnvironment(ImagePlan.ENVIRONMENT)
                .setEntrypoint(plan.programs().getFirst().command())
                .setLabels(Map.of(
                        "org.opencontainers.image.title", plan.title(),
                        "org.opencontainers.image.version", plan.reference().replaceAll(".*:", ""),
                        "org.opencontainers.image.licenses", "Apache-2.0"));
        for (FileEntriesLayer layer : layers(plan, root)) {
            image.addFileEntriesLayer(layer);
        }
        Path layerCache = workspace.cache().root().resolve("layers");
        try {
            image.containerize(Containerizer.to(TarImage.at(target).named(plan.reference()))
                    .setOfflineMode(true)
                    .setToolName("larder")
                    .setBaseImageLayersCache(layerCache)
                    .setApplicationLayersCache(layerCache));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ImageBuildException("Interrupted while packing " + plan.reference() + ".", e);
        } catch (RegistryException
                | CacheDirectoryCreationException
                | ExecutionException
                | InvalidImageReferenceException e) {
            throw new ImageBuildException("Cannot pack " + plan.reference() + ": " + e.getMessage(), e);
        }
    }

    /** From what changes least to what changes most. */
    private static List<FileEntriesLayer> layers(ImagePlan plan, Path root) throws IOException {
        FileEntriesLayer.Builder base = FileEntriesLayer.builder().setName("C library from Debian");
        for (String top : List.of("etc", "lib", "lib64", "usr", "var", "tmp")) {
            if (Files.exists(root.resolve(top))) {
                addTree(base, root, root.resolve(top));
            }
        }
        FileEntriesLayer.Builder runtime = FileEntriesLayer.builder().setName("Java runtime");
        addTree(runtime, root, root.resolve(HOME.substring(1) + "/jre"));
        FileEntriesLayer.Builder classes = FileEntriesLayer.builder().setName("classes");
        addFiles(classes, root, plan.classes());
        FileEntriesLayer.Builder aot = FileEntriesLayer.builder().setName("ahead-of-time caches");
        for (JavaProgram program : plan.programs()) {
            add(classes, root, root.resolve(program.argsFile().substring(1)));
        }
        for (String cache :
                plan.programs().stream().map(JavaProgram::aotFile).distinct().toList()) {
            add(aot, root, root.resolve(cache.substring(1)));
        }
        FileEntriesLayer.Builder libraries = FileEntriesLayer.builder().setName("libraries");
        addFiles(libraries, root, plan.libraries());
        return Stream.of(base, runtime, libraries, classes, aot)
                .map(FileEntriesLayer.Builder::build)
                .filter(layer -> !layer.getEntries().isEmpty())
                .toList();
    }

    private static void addFiles(FileEntriesLayer.Builder layer, Path root, SortedMap<String, Path> files) {
        for (String name : files.keySet()) {
            add(layer, root, root.resolve(HOME.substring(1) + "/lib").resolve(name));
        }
    }

    private static void addTree(FileEntriesLayer.Builder layer, Path root, Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted().toList()) {
                add(layer, root, file);
            }
        }
    }

    private static void add(FileEntriesLayer.Builder layer, Path root, Path file) {
        AbsoluteUnixPath path = AbsoluteUnixPath.get("/" + root.relativize(file));
        boolean executable = Files.isDirectory(file) || (Files.isExecutable(file) && !isLibrary(file));
        FilePermissions permissions = path.toString().equals("/tmp")
                ? EVERYBODY
                : executable ? EXECUTABLE : FilePermissions.DEFAULT_FILE_PERMISSIONS;
        layer.addEntry(file, path, permissions);
    }

    private static boolean isLibrary(Path file) {
        String name = file.getFileName().toString();
        return name.contains(".so") && !name.startsWith("ld-linux");
    }
}
