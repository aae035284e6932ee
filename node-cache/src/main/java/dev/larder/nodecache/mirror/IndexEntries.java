package dev.larder.nodecache.mirror;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.larder.nodecache.error.InvalidRequest;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.Platform;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an image index points at, by platform (image-spec, image-index.md). */
final class IndexEntries {

    private static final int MAX = 1000;
    private static final JsonFactory JSON = new JsonFactory();

    private IndexEntries() {}

    /** The manifests for any of the platforms; empty also when the bytes are no index. */
    static List<Digest> of(byte[] index, List<Platform> platforms) {
        List<Digest> chosen = new ArrayList<>();
        try (JsonParser json = JSON.createParser(index)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return List.of();
            }
            for (@Nullable String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
                JsonToken value = json.nextToken();
                if (!field.equals("manifests") || value != JsonToken.START_ARRAY) {
                    json.skipChildren();
                    continue;
                }
                while (json.nextToken() == JsonToken.START_OBJECT && chosen.size() < MAX) {
                    entry(json, platforms, chosen);
                }
            }
        } catch (IOException | InvalidRequest e) {
            return List.of();
        }
        return chosen;
    }

    private static void entry(JsonParser json, List<Platform> platforms, List<Digest> chosen) throws IOException {
        String digest = "";
        Platform platform = new Platform("", "", "");
        for (@Nullable String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            JsonToken value = json.nextToken();
            if (field.equals("digest") && value == JsonToken.VALUE_STRING) {
                digest = json.getText();
            } else if (field.equals("platform") && value == JsonToken.START_OBJECT) {
                platform = platform(json);
            } else {
                json.skipChildren();
            }
        }
        Platform made = platform;
        if (platforms.stream().anyMatch(wanted -> wanted.takes(made))) {
            chosen.add(Digest.parse(digest));
        }
    }

    private static Platform platform(JsonParser json) throws IOException {
        String os = "";
        String architecture = "";
        String variant = "";
        for (@Nullable String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            json.nextToken();
            switch (field) {
                case "os" -> os = json.getValueAsString("");
                case "architecture" -> architecture = json.getValueAsString("");
                case "variant" -> variant = json.getValueAsString("");
                default -> json.skipChildren();
            }
        }
        return new Platform(os, architecture, variant);
    }
}
