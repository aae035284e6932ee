package dev.larder.crds.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CrdYamlTest {

    @ParameterizedTest
    @EnumSource
    void committed_isWhatTheModelGenerates(CrdYaml.Kind kind) throws IOException {
        Path committed = Path.of("src/main/resources/META-INF/fabric8/" + kind.plural + ".larder.dev-v1.yml");
        String generated = CrdYaml.generate(kind);
        if (System.getProperty("larder.update-golden") != null) {
            Files.createDirectories(committed.getParent());
            Files.writeString(committed, generated);
        }
        assertThat(generated)
                .as("the model has changed: mvn test -pl crds -Dlarder.update-golden writes %s", committed)
                .isEqualTo(Files.readString(committed));
    }
}
