package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgramArgumentsTest {

    @Test
    void parse_config() {
        var file = Path.of("/c.yaml");
        assertThat(ProgramArguments.parse(List.of("--config", "/c.yaml")))
                .isEqualTo(new ProgramArguments.Run(file, false));
        assertThat(ProgramArguments.parse(List.of("--check-config", "--config=/c.yaml")))
                .isEqualTo(new ProgramArguments.Run(file, true));
    }

    @Test
    void parse_helpAndVersion() {
        assertThat(ProgramArguments.parse(List.of("--help"))).isEqualTo(new ProgramArguments.Help());
        assertThat(ProgramArguments.parse(List.of("--version"))).isEqualTo(new ProgramArguments.Version());
    }

    @Test
    void parse_wrong_saysWhatToWrite() {
        for (List<String> wrong : List.of(List.<String>of(), List.of("--config"), List.of("--confg", "x"))) {
            assertThat(ProgramArguments.parse(wrong))
                    .isInstanceOfSatisfying(ProgramArguments.Wrong.class, answer -> assertThat(answer.message())
                            .contains("--"));
        }
    }
}
