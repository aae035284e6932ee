package dev.larder.nodecache.store;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.larder.nodecache.error.InvalidRequest;
import dev.larder.nodecache.oci.Digest;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a manifest points at and a pull fetches (image-spec, manifest.md and image-index.md): an index' manifests, an
 * image's config and layers. Content that the manifest says to get from elsewhere ({@code urls}) is left out. Read once,
 * when a manifest is kept: the index has it from then on.
 *
 * @param bytes what config and layers have together, as the manifest says
 */
record ManifestLinks(List<Digest> manifests, List<Digest> blobs, long bytes) {

    /** More than any image has; the rest is left out, so that one manifest cannot fill the memory. */
    static final int MAX = 4096;

    private static final JsonFactory JSON = new JsonFactory();

    /** No disk has more; so many of these still make a number. */
    private static final BigInteger MOST = BigInteger.ONE.shiftLeft(50);

    /** What one kind of descriptors comes to. */
    private static final class Found {
        final List<Digest> digests = new ArrayList<>();
        long bytes;
    }

    ManifestLinks {
        manifests = List.copyOf(manifests);
        blobs = List.copyOf(blobs);
    }

    /** All of it, each once. */
    List<BlobKey> keys() {
        return Stream.concat(manifests.stream(), blobs.stream())
                .distinct()
                .limit(MAX)
                .map(BlobKey::of)
                .toList();
    }

    /** Empty when the bytes are no manifest in JSON, or one with a digest that makes no sense. */
    static Optional<ManifestLinks> parse(byte[] bytes) {
        Found manifests = new Found();
        Found blobs = new Found();
        try (JsonParser json = JSON.createParser(bytes)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
                json.nextToken();
                switch (field) {
                    case "manifests" -> descriptors(json, manifests);
                    case "layers", "blobs" -> descriptors(json, blobs);
                    case "config" -> descriptor(json, blobs);
                    default -> json.skipChildren();
                }
            }
            return json.currentToken() == JsonToken.END_OBJECT
                    ? Optional.of(new ManifestLinks(manifests.digests, blobs.digests, blobs.bytes))
                    : Optional.empty();
        } catch (IOException | InvalidRequest e) {
            return Optional.empty();
        }
    }

    private static void descriptors(JsonParser json, Found into) throws IOException {
        if (json.currentToken() != JsonToken.START_ARRAY) {
            json.skipChildren();
            return;
        }
        while (json.nextToken() != JsonToken.END_ARRAY && json.currentToken() != null) {
            descriptor(json, into);
        }
    }

    private static void descriptor(JsonParser json, Found into) throws IOException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            json.skipChildren();
            return;
        }
        @Nullable String digest = null;
        boolean elsewhere = false;
        long size = 0;
        for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            JsonToken value = json.nextToken();
            if (field.equals("digest") && value == JsonToken.VALUE_STRING) {
                digest = json.getText();
            }
            if (field.equals("size") && value == JsonToken.VALUE_NUMBER_INT) {
                size = Math.clamp(json.getBigIntegerValue().min(MOST).longValue(), 0, MOST.longValue());
            }
            elsewhere |= field.equals("urls") && value == JsonToken.START_ARRAY;
            json.skipChildren();
        }
        if (digest != null && !elsewhere && into.digests.size() < MAX) {
            into.digests.add(Digest.parse(digest));
            into.bytes += size;
        }
    }
}
