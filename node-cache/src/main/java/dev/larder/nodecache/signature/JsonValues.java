package dev.larder.nodecache.signature;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Small JSON documents as maps, lists and texts; what is missing, or of another kind, is empty. */
final class JsonValues {

    private static final int MAX_DEPTH = 32;
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
            .build();

    private JsonValues() {}

    /** @throws IOException when it is no JSON object, or nested too deeply */
    static Map<String, Object> parse(byte[] bytes) throws IOException {
        try (JsonParser json = JSON.createParser(bytes)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("not a JSON object");
            }
            return object(json);
        }
    }

    private static Map<String, Object> object(JsonParser json) throws IOException {
        Map<String, Object> object = new LinkedHashMap<>();
        for (@Nullable String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            json.nextToken();
            object.put(field, value(json));
        }
        return object;
    }

    private static Object value(JsonParser json) throws IOException {
        if (json.currentToken() == JsonToken.START_OBJECT) {
            return object(json);
        }
        if (json.currentToken() != JsonToken.START_ARRAY) {
            return json.getValueAsString("");
        }
        List<Object> list = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            list.add(value(json));
        }
        return list;
    }

    /** The value at the end of the names. */
    static Map<String, Object> map(Map<String, Object> in, String... names) {
        Map<String, Object> map = in;
        for (String name : names) {
            map = asMap(map.get(name));
        }
        return map;
    }

    @SuppressWarnings("unchecked") // made above, with texts for keys
    private static Map<String, Object> asMap(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
    }

    static List<Map<String, Object>> maps(Map<String, Object> in, String name) {
        return in.get(name) instanceof List<?> list
                ? list.stream().map(JsonValues::asMap).toList()
                : List.of();
    }

    static String text(Map<String, Object> in, String name) {
        return in.get(name) instanceof String text ? text : "";
    }
}
