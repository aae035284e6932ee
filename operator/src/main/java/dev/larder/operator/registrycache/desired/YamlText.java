package dev.larder.operator.registrycache.desired;

import java.util.List;
import java.util.Map;

/**
 * Writes maps, lists, text, numbers and booleans as block YAML in the order they come in, every text in double quotes: the
 * same input gives the same bytes, and nothing a user wrote can be taken for anything but text.
 */
final class YamlText {

    private YamlText() {}

    static String of(Map<String, ?> root) {
        StringBuilder out = new StringBuilder();
        map(out, root, 0);
        return out.toString();
    }

    private static void map(StringBuilder out, Map<?, ?> map, int indent) {
        boolean first = true;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            if (!first) {
                out.repeat(' ', indent);
            }
            first = false;
            out.append(entry.getKey()).append(':');
            value(out, entry.getValue(), indent);
        }
    }

    private static void value(StringBuilder out, Object value, int indent) {
        switch (value) {
            case Map<?, ?> map
            when !map.isEmpty() -> {
                out.append('\n').repeat(' ', indent + 2);
                map(out, map, indent + 2);
            }
            case List<?> list
            when !list.isEmpty() -> {
                out.append('\n');
                list.forEach(item -> item(out, item, indent));
            }
            default -> out.append(' ').append(scalar(value)).append('\n');
        }
    }

    private static void item(StringBuilder out, Object item, int indent) {
        out.repeat(' ', indent).append("- ");
        if (item instanceof Map<?, ?> map && !map.isEmpty()) {
            map(out, map, indent + 2);
        } else {
            out.append(scalar(item)).append('\n');
        }
    }

    private static String scalar(Object value) {
        return switch (value) {
            case Map<?, ?> empty -> "{}";
            case List<?> empty -> "[]";
            case Number number -> number.toString();
            case Boolean flag -> flag.toString();
            default -> quoted(value.toString());
        };
    }

    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        text.chars().forEach(c -> {
            if (c == '"' || c == '\\') {
                out.append('\\').append((char) c);
            } else if (c < ' ' || c > '~') {
                out.append(String.format("\\u%04x", c));
            } else {
                out.append((char) c);
            }
        });
        return out.append('"').toString();
    }
}
