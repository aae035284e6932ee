package dev.larder.nodecache.fake;

import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.MediaType;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What a pretended registry holds: manifests and blobs by repository. */
public final class FakeImages {

    private final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
    private final Map<String, Manifest> manifests = new ConcurrentHashMap<>();

    /** A manifest with the type it was pushed as. */
    @SuppressWarnings("ArrayRecordComponent")
    public record Manifest(MediaType type, byte[] bytes) {}

    /** An image of one layer, the same bytes for the same seed. */
    public FakeRegistry.Image push(String repository, String tag, int layerSize, long seed) {
        byte[] layer = new byte[layerSize];
        new Random(seed).nextBytes(layer);
        byte[] config = ("{\"architecture\":\"amd64\",\"os\":\"linux\",\"seed\":" + seed + "}")
                .getBytes(StandardCharsets.UTF_8);
        Digest layerDigest = pushBlob(repository, layer);
        Digest configDigest = pushBlob(repository, config);
        String manifest = """
                {"schemaVersion":2,"mediaType":"%s",
                 "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":%d},
                 "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"%s","size":%d}]}
                """.formatted(MediaType.OCI_MANIFEST, configDigest, config.length, layerDigest, layer.length);
        Digest digest = pushManifest(repository, tag, MediaType.OCI_MANIFEST, manifest);
        return new FakeRegistry.Image(
                digest, manifest.getBytes(StandardCharsets.UTF_8), configDigest, layerDigest, layer);
    }

    /** A manifest as it is, under its digest and another reference. */
    public Digest pushManifest(String repository, String reference, MediaType type, String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        Digest digest = Digest.sha256(bytes);
        manifests.put(repository + "@" + reference, new Manifest(type, bytes));
        manifests.put(repository + "@" + digest, new Manifest(type, bytes));
        return digest;
    }

    public Digest pushBlob(String repository, byte[] bytes) {
        Digest digest = Digest.sha256(bytes);
        blobs.put(repository + "@" + digest, bytes);
        return digest;
    }

    public void deleteTag(String repository, String tag) {
        manifests.remove(repository + "@" + tag);
    }

    public byte @Nullable [] blob(String repository, String digest) {
        return blobs.get(repository + "@" + digest);
    }

    public @Nullable Manifest manifest(String repository, String reference) {
        return manifests.get(repository + "@" + reference);
    }

    List<String> tags(String repository) {
        return manifests.keySet().stream()
                .filter(key -> key.startsWith(repository + "@") && !key.contains("@sha256:"))
                .map(key -> key.substring(repository.length() + 1))
                .sorted()
                .toList();
    }
}
