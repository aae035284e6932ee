package dev.larder.e2e.upstream;

import com.google.cloud.tools.jib.api.CacheDirectoryCreationException;
import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainer;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.RegistryException;
import com.google.cloud.tools.jib.api.RegistryImage;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import com.google.cloud.tools.jib.api.buildplan.Platform;
import dev.larder.e2e.process.CommandFailure;
import dev.larder.e2e.toolchain.DebianArchive;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;

/**
 * Builds images by their recipes and pushes them to a registry; one of several architectures gets an image index.
 * {@code packages} holds each unpacked package in a folder named like {@code zlib1g_amd64}.
 */
final class ImagePush {
    private static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
    private static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";

    private final URI registry;
    private final Path packages;
    private final Path jibCache;
    private final HttpClient client = HttpClient.newHttpClient();

    ImagePush(URI registry, Path packages, Path jibCache) {
        this.registry = registry;
        this.packages = packages;
        this.jibCache = jibCache;
    }

    void push(ImageRecipe recipe) {
        if (recipe.architectures().isEmpty()) {
            pushOne(recipe, DebianArchive.architecture(), recipe.tag());
            return;
        }
        var manifests = new ArrayList<String>();
        for (String architecture : recipe.architectures()) {
            String tag = recipe.tag() + "-" + architecture;
            JibContainer pushed = pushOne(recipe, architecture, tag);
            manifests.add("""
                    {"mediaType":"%s","digest":"%s","size":%d,"platform":{"os":"linux","architecture":"%s"}}""".formatted(OCI_MANIFEST, pushed.getDigest(), manifestSize(recipe, tag), architecture));
        }
        pushIndex(
                recipe,
                "{\"schemaVersion\":2,\"mediaType\":\"" + OCI_INDEX + "\",\"manifests\":[" + String.join(",", manifests)
                        + "]}");
    }

    private JibContainer pushOne(ImageRecipe recipe, String architecture, String tag) {
        String reference = registry.getAuthority() + "/" + recipe.repository() + ":" + tag;
        try {
            JibContainerBuilder image = Jib.fromScratch()
                    .setFormat(ImageFormat.OCI)
                    .setPlatforms(Set.of(new Platform(architecture, "linux")))
                    .setCreationTime(Instant.EPOCH)
                    .addEnvironmentVariable("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
                    .setEntrypoint(recipe.entrypoint())
                    .setFileEntriesLayers(layers(recipe, architecture));
            return image.containerize(Containerizer.to(RegistryImage.named(reference))
                    .setAllowInsecureRegistries(true)
                    .setBaseImageLayersCache(jibCache)
                    .setApplicationLayersCache(jibCache));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted while " + reference + " was pushed", e);
        } catch (IOException
                | ExecutionException
                | RegistryException
                | CacheDirectoryCreationException
                | InvalidImageReferenceException e) {
            throw new CommandFailure("image " + reference + " could not be pushed: " + e.getMessage(), e);
        }
    }

    private List<FileEntriesLayer> layers(ImageRecipe recipe, String architecture) throws IOException {
        var layers = new ArrayList<FileEntriesLayer>();
        var all = new ArrayList<Path>();
        for (List<String> names : recipe.layers()) {
            List<Path> folders =
                    names.stream().map(name -> unpacked(name, architecture)).toList();
            all.addAll(folders);
            layers.add(PackageLayer.of(names.getFirst(), folders));
        }
        layers.add(PackageLayer.additions(recipe, all));
        return layers;
    }

    private Path unpacked(String name, String architecture) {
        Path own = packages.resolve(name + "_" + architecture);
        return Files.isDirectory(own) ? own : packages.resolve(name + "_all");
    }

    private long manifestSize(ImageRecipe recipe, String tag) {
        HttpRequest request = HttpRequest.newBuilder(manifest(recipe, tag))
                .header("Accept", OCI_MANIFEST)
                .build();
        return send(request, 200).length();
    }

    private void pushIndex(ImageRecipe recipe, String index) {
        HttpRequest request = HttpRequest.newBuilder(manifest(recipe, recipe.tag()))
                .header("Content-Type", OCI_INDEX)
                .PUT(HttpRequest.BodyPublishers.ofString(index))
                .build();
        send(request, 201);
    }

    private URI manifest(ImageRecipe recipe, String reference) {
        return registry.resolve("/v2/" + recipe.repository() + "/manifests/" + reference);
    }

    private String send(HttpRequest request, int expected) {
        try {
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != expected) {
                throw new CommandFailure(request.method() + " " + request.uri() + " gave " + response.statusCode()
                        + ": " + response.body());
            }
            return response.body();
        } catch (IOException e) {
            throw new CommandFailure(request.method() + " " + request.uri() + " failed: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted while pushing", e);
        }
    }
}
