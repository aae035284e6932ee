package dev.larder.nodecache.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

class JsonLogTest {

    private static final Instant TIME = Instant.parse("2026-11-22T05:00:00.000420Z");

    @Test
    void line_isOneObject_whateverIsInIt() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        JsonLogger logger = new JsonLogger("x", Level.INFO, new LogLines(out));
        logger.atInfo()
                .addKeyValue("a\"b", "c\nd\\\u0001\u00e9\u20ac")
                .addKeyValue("n", 1.5)
                .log("hello {}", "you");
        logger.debug("not this");
        await().until(() -> out.size() > 0);
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("\"level\":\"INFO\",\"logger\":\"x\",\"message\":\"hello you\"")
                .contains("\"a\\\"b\":\"c\\nd\\\\\\u0001\u00e9\u20ac\",\"n\":1.5}\n")
                .doesNotContain("not this");
    }

    @Test
    void line_hasTimesToTheMicrosecond() {
        JsonLine line = new JsonLine(TIME, Level.WARN, "x", "m");
        line.putMillis("ms", 1_002_499);
        line.putMillis("no", 499);
        line.put("n", Long.MIN_VALUE);
        line.put("b", true);
        assertThat(text(line))
                .isEqualTo(
                        "{\"time\":\"2026-11-22T05:00:00.000420Z\",\"level\":\"WARN\",\"logger\":\"x\",\"message\":\"m\","
                                + "\"ms\":1.002,\"no\":0.000,\"n\":-9223372036854775808,\"b\":true}\n");
        JsonLine later = new JsonLine(TIME.plusSeconds(61), Level.WARN, "x", "m");
        assertThat(text(later)).startsWith("{\"time\":\"2026-11-22T05:01:01.000420Z\"");
    }

    @Test
    void line_takesTextOfAnyLength() {
        String text = "\u20ac\"".repeat(5000);
        JsonLine line = new JsonLine(TIME, Level.INFO, "x", text);
        assertThat(text(line)).contains("\u20ac\\\"".repeat(5000) + "\"}\n");
    }

    private static String text(JsonLine line) {
        byte[] bytes = line.end();
        return new String(bytes, 0, line.length(), StandardCharsets.UTF_8);
    }
}
