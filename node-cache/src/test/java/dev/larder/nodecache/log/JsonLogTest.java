package dev.larder.nodecache.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

class JsonLogTest {

    @Test
    void line_isOneObject_whateverIsInIt() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        JsonLogger logger = new JsonLogger("x", Level.INFO, new LogLines(out));
        logger.atInfo()
                .addKeyValue("a\"b", "c\nd\\\u0001")
                .addKeyValue("n", 1.5)
                .log("hello {}", "you");
        logger.debug("not this");
        await().until(() -> out.size() > 0);
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("\"level\":\"INFO\",\"logger\":\"x\",\"message\":\"hello you\"")
                .contains("\"a\\\"b\":\"c\\nd\\\\\\u0001\",\"n\":1.5}\n")
                .doesNotContain("not this");
    }
}
