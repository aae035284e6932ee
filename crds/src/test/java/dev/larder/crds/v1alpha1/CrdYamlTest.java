package dev.larder.crds.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class CrdYamlTest {

    private static final Path COMMITTED =
            Path.of("src/main/resources/META-INF/fabric8/registrycaches.larder.dev-v1.yml");

    @Test
    void committed_isWhatTheModelGenerates() throws IOException {
        String generated = CrdYaml.generate();
        if (System.getProperty("larder.update-golden") != null) {
            Files.createDirectories(COMMITTED.getParent());
            Files.writeString(COMMITTED, generated);
        }
        assertThat(generated)
                .as("the model has changed: mvn test -pl crds -Dlarder.update-golden writes %s", COMMITTED)
                .isEqualTo(Files.readString(COMMITTED));
    }
}
