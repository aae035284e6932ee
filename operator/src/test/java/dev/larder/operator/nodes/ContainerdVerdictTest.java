package dev.larder.operator.nodes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.operator.nodes.NodeReport.ConfigPath;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContainerdVerdictTest {

    private static final String LIST = "/etc/containerd/certs.d:/etc/docker/certs.d";

    @ParameterizedTest
    @CsvSource({
        // runtime, config_path, local pull forced, mirrors section, read
        "containerd://1.6.20~ds1, '', false, false, false",
        "containerd://1.7.28, '', false, false, false",
        "containerd://1.7.28, /etc/containerd/certs.d, false, false, true",
        "containerd://1.7.2-k3s1, " + LIST + ", false, false, true",
        "containerd://2.0.5, " + LIST + ", false, false, true",
        "containerd://2.1.0, " + LIST + ", false, false, false",
        "containerd://2.1.0, " + LIST + ", true, false, true",
        "containerd://2.1.0, '', true, false, false",
        "containerd://2.2.0, '', false, false, false",
        "containerd://2.2.0, '', true, false, true",
        "containerd://2.2.0, '', true, true, false",
        "containerd://v2.3.7+unknown, /etc/containerd/certs.d/, false, false, true",
        "containerd://2.10.1, " + LIST + ", false, false, false",
        "containerd://unknown, " + LIST + ", false, false, false",
        "containerd://unknown, /etc/containerd/certs.d, false, false, true",
    })
    void readsHostsToml(String runtime, String configPath, boolean local, boolean mirrors, boolean read) {
        ConfigPath facts = new ConfigPath(
                configPath, configPath, "/etc/containerd/config.toml", "/etc/containerd/certs.d", local, 3, mirrors);
        assertThat(ContainerdVerdict.of(runtime, facts).isEmpty()).isEqualTo(read);
    }

    @ParameterizedTest
    @CsvSource({"containerd://1.7.28, false", "containerd://2.0.5, true"})
    void settingThatOnlyContainerd2Merges_doesNotCountOnContainerd1(String runtime, boolean read) {
        ConfigPath facts = new ConfigPath(
                "/etc/containerd/certs.d",
                "",
                "/etc/containerd/config.toml",
                "/etc/containerd/certs.d",
                false,
                2,
                false);
        assertThat(ContainerdVerdict.of(runtime, facts).isEmpty()).isEqualTo(read);
    }

    @Test
    void message_namesFileSectionAndLine() {
        ConfigPath facts =
                new ConfigPath(LIST, LIST, "/etc/containerd/config.toml", "/etc/containerd/certs.d", false, 3, false);
        assertThat(ContainerdVerdict.of("containerd://2.1.4", facts)
                        .orElseThrow()
                        .message())
                .isEqualTo("containerd 2.1 does not read the list config_path ="
                        + " \"/etc/containerd/certs.d:/etc/docker/certs.d\" in its pull path. In /etc/containerd/config.toml"
                        + " write, under [plugins.'io.containerd.cri.v1.images'.registry]: config_path ="
                        + " \"/etc/containerd/certs.d\"; then restart containerd");
    }

    @Test
    void message_followsTheFilesFormat() {
        ConfigPath facts = new ConfigPath("", "", "/etc/containerd/config.toml", "", false, 2, true);
        assertThat(ContainerdVerdict.of("containerd://2.0.1", facts)
                        .orElseThrow()
                        .message())
                .contains("[plugins.\"io.containerd.grpc.v1.cri\".registry]")
                .contains("remove the mirrors section");
    }

    @Test
    void otherFolder_saysWhichFieldToSet() {
        ConfigPath facts = new ConfigPath(
                "/etc/cri/hosts",
                "/etc/cri/hosts",
                "/etc/containerd/config.toml",
                "/etc/containerd/certs.d",
                false,
                3,
                false);
        assertThat(ContainerdVerdict.of("containerd://2.3.7", facts)
                        .orElseThrow()
                        .message())
                .contains("/etc/cri/hosts")
                .contains("spec.containerd.configPath");
    }

    @ParameterizedTest
    @CsvSource({"cri-o://1.34.0", "docker://28.0.0", "''"})
    void otherRuntimes_areNotSupported(String runtime) {
        ConfigPath facts = new ConfigPath("/etc/containerd/certs.d", "", "", "", false, 0, false);
        assertThat(ContainerdVerdict.of(runtime, facts).map(Trouble::reason))
                .isEqualTo(Optional.of("RuntimeNotSupported"));
    }
}
