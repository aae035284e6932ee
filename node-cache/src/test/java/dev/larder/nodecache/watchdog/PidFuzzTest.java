package dev.larder.nodecache.watchdog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fuzz.Fuzz;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file that says which process may be ended. */
class PidFuzzTest {

    @Test
    void files(@TempDir Path folder) throws InterruptedException {
        List<String> seeds = List.of("{\"pid\": 7, \"startTicks\": 123456}\n", "{\"pid\":0,\"startTicks\":0}", "");
        Fuzz.run(seeds, input -> {
            Path own = folder.resolve(String.valueOf(Thread.currentThread().threadId()));
            try {
                Files.createDirectories(own);
                Files.write(own.resolve(PidFile.NAME), input.getBytes(StandardCharsets.UTF_8));
                PidFile.read(own).ifPresent(file -> {
                    assertThat(file.pid()).isNotNegative();
                    assertThat(file.startTicks()).isNotNegative();
                    assertThat(input).contains("\"startTicks\":");
                });
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
