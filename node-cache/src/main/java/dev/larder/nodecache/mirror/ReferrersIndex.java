package dev.larder.nodecache.mirror;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.larder.nodecache.error.InvalidRequest;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.MediaType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The list of what refers to a manifest (distribution-spec, "Listing Referrers" and "Referrers Tag Schema"). */
final class ReferrersIndex {

    private static final int MAX = 200;
    private static final JsonFactory JSON = new JsonFactory();

    private ReferrersIndex() {}

    /** The descriptors as they stand there, by their digests; the first {@value #MAX}. Empty when it is no index. */
    static Map<Digest, String> descriptors(byte[] index) {
        Map<Digest, String> found = new LinkedHashMap<>();
        try (JsonParser json = JSON.createParser(index)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return Map.of();
            }
            for (@Nullable String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
                JsonToken value = json.nextToken();
                if (!field.equals("manifests") || value != JsonToken.START_ARRAY) {
                    json.skipChildren();
                    continue;
                }
                while (json.nextToken() == JsonToken.START_OBJECT && found.size() < MAX) {
                    String text = copy(json);
                    found.put(digest(text), text);
                }
            }
        } catch (IOException | InvalidRequest e) {
            return Map.of();
        }
        return found;
    }

    private static String copy(JsonParser json) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator out = JSON.createGenerator(text)) {
            out.copyCurrentStructure(json);
        }
        return text.toString();
    }

    private static Digest digest(String descriptor) throws IOException {
        try (JsonParser json = JSON.createParser(descriptor)) {
            json.nextToken();
            for (@Nullable String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
                JsonToken value = json.nextToken();
                if (field.equals("digest") && value == JsonToken.VALUE_STRING) {
                    return Digest.parse(json.getText());
                }
                json.skipChildren();
            }
        }
        throw new IOException("a descriptor without a digest");
    }

    /** An index of these descriptors. */
    static byte[] of(Map<Digest, String> descriptors) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(("{\"schemaVersion\":2,\"mediaType\":\"" + MediaType.OCI_INDEX + "\",\"manifests\":[")
                .getBytes(StandardCharsets.UTF_8));
        bytes.writeBytes(String.join(",", descriptors.values()).getBytes(StandardCharsets.UTF_8));
        bytes.writeBytes("]}".getBytes(StandardCharsets.UTF_8));
        return bytes.toByteArray();
    }
}
