package dev.larder.nodecache.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContainerdConfigReaderTest {

    private static final Path MAIN = Path.of("/etc/containerd/config.toml");
    private static final String V2 = "[plugins.\"io.containerd.grpc.v1.cri\"";
    private static final String V3 = "[plugins.'io.containerd.cri.v1.images'";

    @TempDir
    private Path host;

    private void file(String path, String content) throws IOException {
        Path file = host.resolve(path.substring(1));
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private ContainerdFacts read(Path... candidates) throws IOException {
        HostRoot node = new HostRoot(host, List.of(host.resolve("etc")));
        return new ContainerdConfigReader(node).read(List.of(candidates));
    }

    private ContainerdFacts read(String main) throws IOException {
        file(MAIN.toString(), main);
        return read(MAIN);
    }

    @Test
    void noFile_nothingIsSet() throws IOException {
        assertThat(read(MAIN)).isEqualTo(ContainerdFacts.unknown(""));
    }

    @Test
    void version3() throws IOException {
        ContainerdFacts facts = read("version = 3\n" + V3 + ".registry]\nconfig_path = '/etc/containerd/certs.d'\n");
        assertThat(facts.configPath()).contains("/etc/containerd/certs.d");
        assertThat(facts.configPathOn1())
                .as("containerd 1 does not know this section")
                .isEmpty();
        assertThat(facts.source()).contains(MAIN);
        assertThat(facts.version()).isEqualTo(3);
        assertThat(facts.localPullForcedBy()).isEmpty();
        assertThat(facts.mirrorsSection()).isFalse();
        assertThat(facts.problem()).isEmpty();
    }

    @Test
    void version2() throws IOException {
        ContainerdFacts facts = read("version = 2\n" + V2 + ".registry]\nconfig_path = \"/a:/b\"\n");
        assertThat(facts.configPath()).contains("/a:/b");
        assertThat(facts.configPathOn1()).contains("/a:/b");
        assertThat(facts.version()).isEqualTo(2);
    }

    @Test
    void version1_hasNoVersionKey() throws IOException {
        ContainerdFacts facts = read("[plugins.cri.registry]\nconfig_path = \"/a\"\n");
        assertThat(facts.configPathOn1()).contains("/a");
        assertThat(facts.version()).isEqualTo(1);
    }

    @Test
    void version3Section_inAVersion2File_countsOnContainerd2Only() throws IOException {
        ContainerdFacts facts = read("version = 2\n" + V3 + ".registry]\nconfig_path = \"/a\"\n");
        assertThat(facts.configPath()).contains("/a");
        assertThat(facts.configPathOn1()).isEmpty();
    }

    @Test
    void emptyValue_isNotSet() throws IOException {
        assertThat(read("version = 3\n" + V3 + ".registry]\nconfig_path = \"\"\n")
                        .configPath())
                .isEmpty();
    }

    @Test
    void dropIns_inTheOrderOfTheirNames_theLastCounts() throws IOException {
        file("/etc/containerd/conf.d/20-b.toml", "version = 3\n" + V3 + ".registry]\nconfig_path = \"/twenty\"\n");
        file("/etc/containerd/conf.d/10-a.toml", "version = 3\n" + V3 + ".registry]\nconfig_path = \"/ten\"\n");
        file("/etc/containerd/conf.d/notes.txt", "config_path = \"/no\"\n");
        ContainerdFacts facts = read("""
                version = 3
                imports = ["/etc/containerd/conf.d/*.toml"]
                [plugins.'io.containerd.cri.v1.images'.registry]
                config_path = "/main"
                """);
        assertThat(facts.configPath()).contains("/twenty");
        assertThat(facts.source()).contains(Path.of("/etc/containerd/conf.d/20-b.toml"));
    }

    @Test
    void dropInOfTheSamePlugin_replacesItOnContainerd1_andIsMergedOnContainerd2() throws IOException {
        file("/etc/containerd/conf.d/nvidia.toml", "version = 2\n" + V2 + ".containerd.runtimes.nvidia]\n");
        ContainerdFacts facts =
                read("version = 2\nimports = [\"conf.d/*.toml\"]\n" + V2 + ".registry]\nconfig_path = \"/a\"\n");
        assertThat(facts.configPath()).contains("/a");
        assertThat(facts.configPathOn1()).isEmpty();
    }

    @Test
    void dropInWithEmptyValues_takesNothingAwayOnContainerd2() throws IOException {
        file(
                "/etc/containerd/conf.d/x.toml",
                "version = 3\n" + V3 + "]\ndiscard_unpacked_layers = false\n" + V3
                        + ".registry]\nconfig_path = \"\"\n");
        ContainerdFacts facts = read("version = 3\nimports = [\"/etc/containerd/conf.d/*.toml\"]\n" + V3
                + "]\ndiscard_unpacked_layers = true\n" + V3 + ".registry]\nconfig_path = \"/a\"\n");
        assertThat(facts.configPath()).contains("/a");
        assertThat(facts.localPullForcedBy()).containsExactly("discard_unpacked_layers");
    }

    @Test
    void importsOfImportsAndCircles_end() throws IOException {
        file("/etc/containerd/one.toml", "version = 3\nimports = [\"two.toml\", \"config.toml\"]\n");
        file("/etc/containerd/two.toml", "version = 3\n" + V3 + ".registry]\nconfig_path = \"/deep\"\n");
        assertThat(read("version = 3\nimports = [\"one.toml\"]\n").configPath()).contains("/deep");
    }

    @Test
    void importsThatCannotBeSeen_areSaid() throws IOException {
        assertThat(read("version = 3\nimports = [\"/opt/drop-ins/*.toml\"]\n").problem())
                .contains("/opt/drop-ins/*.toml")
                .contains("cannot be seen");
        assertThat(read("version = 3\nimports = [\"/etc/containerd/missing.toml\"]\n")
                        .problem())
                .contains("/etc/containerd/missing.toml");
    }

    @Test
    void brokenFile_isSaidWithItsLine() throws IOException {
        ContainerdFacts facts = read("version = 3\n[plugins\n");
        assertThat(facts.problem()).contains(MAIN.toString()).contains("line 2");
        assertThat(facts.configPath()).isEmpty();
    }

    @Test
    void firstCandidateThatExists_isTheMainFile() throws IOException {
        Path other = Path.of("/etc/other/config.toml");
        file(other.toString(), "version = 3\n" + V3 + ".registry]\nconfig_path = \"/other\"\n");
        assertThat(read(MAIN, other).configPath()).contains("/other");
    }

    @Test
    void textThatItsParserStumblesOver_isAProblem() throws IOException {
        String text = "z = [\n{a = 1, #b = 2, \u001f= 3\n}]\n";
        assertThat(read(text).problem()).contains("config.toml: it is not TOML");
        assertThat(HostsToml.merged("default", HostsTomlTest.dockerHub(), text))
                .isInstanceOf(HostsToml.Merge.Unusable.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plugins = []",
                V3 + "]\nregistry = 1",
                "version = 2\n" + V2 + "]\ncontainerd = []\nregistry = 'x'",
                "[plugins.cri]\ncontainerd = 1\nregistry.mirrors = []"
            })
    void whatShouldBeATable_andIsNone_saysNothing(String content) throws IOException {
        ContainerdFacts facts = read(content + "\n");
        assertThat(facts.configPath()).isEmpty();
        assertThat(facts.mirrorsSection()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\\u0000b", "conf.d/[*", "conf.d/{*"})
    void importThatMakesNoSense_isAProblem_andTheRestIsRead(String pattern) throws IOException {
        Files.createDirectories(host.resolve("etc/containerd/conf.d"));
        ContainerdFacts facts = read("version = 3\nimports = [\"" + pattern + "\"]\n" + V3
                + ".registry]\nconfig_path = '/etc/containerd/certs.d'\n");
        assertThat(facts.problem()).contains("makes no sense");
        assertThat(facts.configPath()).contains("/etc/containerd/certs.d");
    }

    @ParameterizedTest
    @CsvSource({
        "use_local_image_pull = true, use_local_image_pull",
        "discard_unpacked_layers = true, discard_unpacked_layers",
        "max_concurrent_downloads = 5, max_concurrent_downloads",
        "disable_snapshot_annotations = false, disable_snapshot_annotations",
        "image_pull_with_sync_fs = true, image_pull_with_sync_fs",
        "registry.mirrors.a.endpoint = [], registry.mirrors",
        "registry.configs.a.tls = {}, registry.configs",
        "registry.auths.a.username = 'x', registry.auths",
        "max_concurrent_downloads = 3, ",
        "discard_unpacked_layers = false, ",
        "disable_snapshot_annotations = true, ",
        "registry.mirrors = {}, ",
    })
    void keysThatForceLocalPull(String line, String key) throws IOException {
        assertThat(read("version = 3\n" + V3 + "]\n" + line + "\n").localPullForcedBy())
                .isEqualTo(key == null ? List.of() : List.of(key));
    }

    @Test
    void keysThatForceLocalPull_inAVersion2File_asContainerd2TakesThemOver() throws IOException {
        String discard = V2 + ".containerd]\ndiscard_unpacked_layers = true\n";
        assertThat(read("version = 2\n" + discard).localPullForcedBy())
                .as("left behind when there are no runtimes beside it")
                .isEmpty();
        assertThat(read("version = 2\n" + discard + V2 + ".containerd.runtimes.runc]\n")
                        .localPullForcedBy())
                .containsExactly("discard_unpacked_layers");
        assertThat(read("version = 2\n" + V2 + "]\nmax_concurrent_downloads = 9\n")
                        .localPullForcedBy())
                .containsExactly("max_concurrent_downloads");
        ContainerdFacts mirrors =
                read("version = 2\n" + V2 + ".registry.mirrors.\"docker.io\"]\nendpoint = [\"http://m\"]\n");
        assertThat(mirrors.mirrorsSection()).isTrue();
        assertThat(mirrors.localPullForcedBy()).containsExactly("registry.mirrors");
    }
}
