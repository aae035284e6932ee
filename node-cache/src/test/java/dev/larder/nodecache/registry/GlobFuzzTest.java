package dev.larder.nodecache.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fuzz.Fuzz;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Patterns are whatever the config says. */
class GlobFuzzTest {

    @Test
    void globs() throws InterruptedException {
        Fuzz.run(List.of("library/*", "*-perl", "a*b*c*d*e*?", "????"), input -> {
            // No longer than a config has them, and against the longest name there is.
            String pattern = input.substring(0, Math.min(input.length(), 255));
            assertThat(Glob.of(pattern).matches("a".repeat(255))).isIn(true, false);
        });
    }
}
