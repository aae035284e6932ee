package dev.larder.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that are generated and committed, so that a change of them is seen in review. */
final class Golden {
    private Golden() {}

    /** Fails when the file does not hold exactly this; {@code -Dlarder.update-golden} writes it instead. */
    static void assertHolds(Path file, String expected) throws IOException {
        if (System.getProperty("larder.update-golden") != null) {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(file, expected);
        }
        assertThat(file)
                .as("%s is stale: mvn test -pl helm -am -Dlarder.update-golden writes it", file)
                .exists();
        assertThat(Files.readString(file))
                .as("%s is stale: mvn test -pl helm -am -Dlarder.update-golden writes it", file)
                .isEqualTo(expected);
    }
}
