package dev.larder.nodecache.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostsFolderNamesTest {

    @ParameterizedTest
    @CsvSource({
        "docker.io, docker.io",
        "localhost, localhost",
        "registry.local:5000, registry.local_5000_",
        "10.0.0.1:80, 10.0.0.1_80_",
        "[fd00::1]:5000, [fd00::1]_5000_",
        "[fd00::1], [fd00::1]",
    })
    void of_madeFolder(String registry, String folder) {
        assertThat(HostsFolderNames.of(registry).made()).isEqualTo(folder);
    }

    @Test
    void of_looksWhereContainerdLooksInItsOrder() {
        assertThat(HostsFolderNames.of("docker.io").names()).isEqualTo(List.of("docker.io"));
        assertThat(HostsFolderNames.of("registry.local:5000").names())
                .isEqualTo(List.of("registry.local_5000_", "registry.local:5000"));
        assertThat(HostsFolderNames.of("[fd00::1]").names()).isEqualTo(List.of("[fd00:_1]_", "[fd00::1]"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "../etc", "a/b", ".larder-folder", "_default"})
    void of_whatIsNoRegistry_isRefused(String registry) {
        assertThatIllegalArgumentException().isThrownBy(() -> HostsFolderNames.of(registry));
    }
}
