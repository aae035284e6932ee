package dev.larder.nodecache.containerd;

import java.util.StringJoiner;
import org.tomlj.TomlArray;
import org.tomlj.TomlTable;

/** Values as TOML text. */
final class TomlText {

    private TomlText() {}

    /** A basic string: any text survives it. */
    static String string(String text) {
        StringBuilder out = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < 0x20 || c == 0x7f) {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        return out.append('"').toString();
    }

    /** What tomlj read, as a value on one line. */
    static String value(Object value) {
        return switch (value) {
            case String text -> string(text);
            case TomlArray array -> {
                StringJoiner list = new StringJoiner(", ", "[", "]");
                for (int i = 0; i < array.size(); i++) {
                    list.add(value(array.get(i)));
                }
                yield list.toString();
            }
            case TomlTable table -> {
                StringJoiner pairs = new StringJoiner(", ", "{", "}");
                table.entrySet().forEach(e -> pairs.add(string(e.getKey()) + " = " + value(e.getValue())));
                yield pairs.toString();
            }
            default -> value.toString();
        };
    }
}
