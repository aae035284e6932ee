package dev.larder.e2e.upstream;

import dev.larder.e2e.process.Await;
import dev.larder.e2e.process.Command;
import dev.larder.e2e.process.Component;
import dev.larder.e2e.process.Ports;
import dev.larder.e2e.toolchain.CacheFolder;
import dev.larder.e2e.toolchain.DebianArchive;
import dev.larder.e2e.toolchain.Progress;
import dev.larder.e2e.toolchain.Toolchain;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Images of programs from Debian packages, kept in the cache as the storage of a registry that they were pushed to once.
 * The names are those of docker.io: a pod asks for {@code nginx:1.22}.
 */
public final class DebianImages {
    /** For amd64 and arm64: an image index. */
    public static final String BUSYBOX = "busybox:1.35";

    /** For this machine's platform: five libraries in one layer, the server in another. */
    public static final String NGINX = "nginx:1.22";

    /** Twelve layers. */
    public static final String TWELVE_LAYERS = "larder/layers:12";

    /** Some 100 MB compressed, most of it in one layer. */
    public static final String LARGE = "larder/large:1";

    private static final Duration START = Duration.ofSeconds(20);

    private final Path storage;

    private DebianImages(Path storage) {
        this.storage = storage;
    }

    /** The small images. */
    public static DebianImages prepare(CacheFolder cache, Toolchain tools, Progress progress) {
        return prepare(
                cache,
                tools,
                progress,
                "small",
                List.of(ImageRecipe.busybox(), ImageRecipe.nginx(), ImageRecipe.twelveLayers()));
    }

    /** The small images and {@link #LARGE}. */
    public static DebianImages prepareWithLarge(CacheFolder cache, Toolchain tools, Progress progress) {
        return prepare(
                cache,
                tools,
                progress,
                "large",
                List.of(ImageRecipe.busybox(), ImageRecipe.nginx(), ImageRecipe.twelveLayers(), ImageRecipe.large()));
    }

    private static DebianImages prepare(
            CacheFolder cache, Toolchain tools, Progress progress, String name, List<ImageRecipe> recipes) {
        String key = Integer.toHexString(recipes.hashCode());
        Path entry = cache.entry(
                "upstream/" + name + "-" + key,
                folder -> progress.step(
                        "build " + recipes.size() + " images from Debian packages",
                        () -> build(folder, new DebianArchive(cache, progress), tools, recipes)));
        return new DebianImages(entry.resolve("storage"));
    }

    private static void build(Path folder, DebianArchive packages, Toolchain tools, List<ImageRecipe> recipes) {
        DockerRegistry registry = DockerRegistry.at(
                tools.system().resolve("docker-registry"), folder.resolve("storage"), "127.0.0.1", Ports.free());
        Component process =
                new Component("docker-registry", List.of(), registry.line(), Map.of(), folder.resolve("registry.log"));
        process.start();
        try (HttpClient client = HttpClient.newHttpClient()) {
            Await.until("the start of a registry", START, () -> registry.answers(client), process::logTail);
            List<String> names = recipes.stream()
                    .flatMap(ImageRecipe::packages)
                    .distinct()
                    .sorted()
                    .toList();
            Path unpacked = packages.unpackedApart("image-packages", names);
            var push = new ImagePush(registry.address(), unpacked, folder.resolve("jib"));
            recipes.forEach(push::push);
        } finally {
            process.stop(START);
            CacheFolder.delete(folder.resolve("jib"));
        }
    }

    /** Gives a registry its content. Blobs are linked, since no registry writes to one again; what may change is copied. */
    void copyTo(Path target) {
        String version = "docker/registry/v2";
        Command.of("mkdir", "-p", target.resolve(version).toString()).run();
        Command.of(
                        "cp",
                        "-a",
                        storage.resolve(version).resolve("repositories").toString(),
                        target.resolve(version) + "/")
                .run();
        Command.of("cp", "-al", storage.resolve(version).resolve("blobs").toString(), target.resolve(version) + "/")
                .run();
    }
}
