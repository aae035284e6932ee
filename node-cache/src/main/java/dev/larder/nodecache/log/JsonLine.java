package dev.larder.nodecache.log;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoField;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * One flat JSON object on a line of its own, written member by member as the bytes that go out: every request makes one,
 * so nothing is built that is not written. For one thread.
 */
public final class JsonLine {

    private static final String HEX = "0123456789abcdef";
    private static final int LONGEST_NUMBER = 20;

    /** The text of the second that is: lines by the thousand share it. */
    private static volatile Second lastSecond = new Second(Instant.EPOCH.getEpochSecond());

    private byte[] bytes = new byte[512];
    private int length;

    private static final class Second {
        private final long epoch;
        private final String text;

        Second(long epoch) {
            this.epoch = epoch;
            String whole = Instant.ofEpochSecond(epoch).toString();
            this.text = whole.substring(0, whole.length() - 1);
        }

        static Second of(Instant time) {
            Second second = lastSecond;
            if (second.epoch != time.getEpochSecond()) {
                second = new Second(time.getEpochSecond());
                lastSecond = second;
            }
            return second;
        }
    }

    /** Begins with what every line has, said by {@code logger} now. */
    public JsonLine(Level level, String logger, String message) {
        this(Instant.now(), level, logger, message);
    }

    JsonLine(Instant time, Level level, String logger, String message) {
        append('{');
        name("time");
        append('"');
        plain(Second.of(time).text);
        append('.');
        digits(time.get(ChronoField.MICRO_OF_SECOND), 6);
        append('Z');
        append('"');
        put("level", level.toString());
        put("logger", logger);
        put("message", message);
    }

    public void put(String name, String value) {
        name(name);
        quote(value);
    }

    public void put(String name, long value) {
        name(name);
        plain(Long.toString(value));
    }

    public void put(String name, boolean value) {
        name(name);
        plain(Boolean.toString(value));
    }

    /** Milliseconds with three decimals. */
    public void putMillis(String name, long nanos) {
        name(name);
        long micros = (nanos + 500) / 1000;
        plain(Long.toString(micros / 1000));
        append('.');
        digits((int) (micros % 1000), 3);
    }

    void putAny(String name, @Nullable Object value) {
        if (value instanceof Number || value instanceof Boolean) {
            name(name);
            plain(value.toString());
        } else {
            put(name, String.valueOf(value));
        }
    }

    /** The line's end; nothing may be put after it. */
    byte[] end() {
        append('}');
        append('\n');
        return bytes;
    }

    int length() {
        return length;
    }

    private void name(String name) {
        if (length > 1) {
            append(',');
        }
        quote(name);
        append(':');
    }

    private void quote(String raw) {
        append('"');
        room(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c >= ' ' && c < 0x7f && c != '"' && c != '\\') {
                append((byte) c);
            } else {
                special(c);
            }
        }
        append('"');
    }

    private void special(char c) {
        if (c == '"' || c == '\\') {
            append('\\');
            append((byte) c);
        } else if (c == '\n') {
            plain("\\n");
        } else if (c < ' ' || c == 0x7f || Character.isSurrogate(c)) {
            plain("\\u");
            for (int shift = 12; shift >= 0; shift -= 4) {
                append((byte) HEX.charAt(c >> shift & 0xf));
            }
        } else {
            for (byte each : String.valueOf(c).getBytes(StandardCharsets.UTF_8)) {
                append(each);
            }
        }
    }

    private void digits(int number, int count) {
        room(LONGEST_NUMBER);
        int rest = number;
        for (int i = length + count - 1; i >= length; i--) {
            bytes[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += count;
    }

    /** Only ASCII, and nothing to escape. */
    private void plain(String text) {
        room(text.length());
        for (int i = 0; i < text.length(); i++) {
            bytes[length++] = (byte) text.charAt(i);
        }
    }

    private void append(char c) {
        append((byte) c);
    }

    private void append(byte b) {
        room(1);
        bytes[length++] = b;
    }

    private void room(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
        }
    }
}
