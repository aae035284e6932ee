package dev.larder.helm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** YAML as plain maps and lists; a key that stands twice is an error. */
final class Yaml {
    private static final Pattern DOT = Pattern.compile("\\.");

    private Yaml() {}

    static List<Map<String, Object>> documents(String text) {
        LoadSettings settings =
                LoadSettings.builder().setAllowDuplicateKeys(false).build();
        List<Map<String, Object>> documents = new ArrayList<>();
        for (Object document : new Load(settings).loadAllFromString(text)) {
            if (document != null) {
                documents.add(map(document));
            }
        }
        return documents;
    }

    static List<Map<String, Object>> documents(Path file) throws IOException {
        return documents(Files.readString(file));
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }

    /** What stands at a path such as {@code spec.template.spec.containers.0.env}; absent is an error. */
    static Object at(Map<String, Object> document, String path) {
        Object value = document;
        for (String key : DOT.splitAsStream(path).toList()) {
            Object next = value instanceof List<?> list
                    ? list.get(Integer.parseInt(key))
                    : map(value).get(key);
            if (next == null) {
                throw new AssertionError("No " + key + " of " + path + " in " + document);
            }
            value = next;
        }
        return value;
    }
}
