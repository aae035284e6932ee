package dev.larder.nodecache.log;

import org.jspecify.annotations.Nullable;

/** One flat JSON object, written member by member. */
final class JsonLine {

    private final StringBuilder text = new StringBuilder(320).append('{');

    void put(String name, @Nullable Object value) {
        if (text.length() > 1) {
            text.append(',');
        }
        quote(name);
        text.append(':');
        if (value instanceof Number || value instanceof Boolean) {
            text.append(value);
        } else {
            quote(String.valueOf(value));
        }
    }

    String end() {
        return text.append("}\n").toString();
    }

    private void quote(String raw) {
        text.append('"');
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                default -> {
                    if (c < ' ' || Character.isSurrogate(c) || c == 0x7f) {
                        text.append("\\u").append(String.format("%04x", (int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }
}
