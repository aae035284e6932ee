package dev.larder.nodecache.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fuzz.Fuzz;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tomlj.Toml;

/** What people write into containerd's files. A process that runs as root reads them. */
class TomlFuzzTest {

    private static final List<String> HOSTS = List.of(
            "server = \"https://a.example\"\n\n# of the mirror\n[host.\"https://m.example\"]\n  capabilities = [\"pull\"]\n",
            "host = {\"https://m.example\" = {ca = ['/a', \"b\"], header = {x = [\"y\"]}, skip_verify = true}}\n",
            "host.\"https://m.example\".dial_timeout = \"1m5s\" # x\r\n[host.'b']\r\nclient = [[\"c\", \"k\"]]\r\n",
            "x = \"\"\"\n[host]\n\"\"\"\"\ny = '''a''''\nz = [\n  1, # ]\n  {a = 1979-05-27T07:32:00Z, b = -inf, c = 0x_f}\n]\n");

    private static final List<String> CONFIGS = List.of(
            "version = 3\nimports = [\"conf.d/*.toml\", \"/etc/x\"]\n[plugins.'io.containerd.cri.v1.images'.registry]\nconfig_path = '/a:/b'\n",
            "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry.mirrors.\"docker.io\"]\nendpoint = [\"http://m\"]\n",
            "[plugins.cri]\nmax_concurrent_downloads = 5\nregistry.config_path = \"\"\ncontainerd.runtimes.runc = {}\n",
            "imports = [\"\\u0000\", \"[*\", \"..\", \"/\", 1, [2], {}]\nversion = 9223372036854775807\nplugins = []\n");

    /** tomlj takes a time that grows with the third power of lines with nothing but comments in a row. */
    private static final int LONGEST = 200;

    @TempDir
    private Path folder;

    private static String shortened(String input) {
        return input.substring(0, Math.min(input.length(), LONGEST));
    }

    @Test
    void statements_areTheWholeText() throws InterruptedException {
        Fuzz.run(HOSTS, input -> {
            int at = 0;
            for (TomlStatements.Statement statement : TomlStatements.of(input)) {
                assertThat(statement.start() == at && statement.end() > at).isTrue();
                at = statement.end();
            }
            assertThat(at).isEqualTo(input.length());
        });
    }

    @Test
    void hosts_mergedAreValid_andOurs() throws InterruptedException {
        HostsEntry entry = HostsTomlTest.dockerHub();
        Fuzz.run(HOSTS, input -> {
            String text = shortened(input);
            switch (HostsToml.merged("default", entry, text)) {
                case HostsToml.Merge.Merged(String merged) -> {
                    assertThat(HostsToml.owner(merged)).hasValue("default");
                    assertThat(Toml.parse(merged).contains(List.of("host", entry.cacheUrl())))
                            .isTrue();
                }
                case HostsToml.Merge.Unusable(String reason) ->
                    assertThat(reason).isNotBlank();
            }
        });
        Fuzz.run(HOSTS, input -> assertThat(DefaultFolder.moved(shortened(input)))
                .isNotNull());
    }

    @Test
    void containerdsConfig() throws InterruptedException {
        Path main = Path.of("/etc/containerd/config.toml");
        Fuzz.run(CONFIGS, input -> {
            Path root = folder.resolve(String.valueOf(Thread.currentThread().threadId()));
            Path file = root.resolve("etc/containerd/config.toml");
            try {
                Files.createDirectories(file.resolveSibling("conf.d"));
                Files.write(file, shortened(input).getBytes(StandardCharsets.UTF_8));
                ContainerdFacts facts = new ContainerdConfigReader(new HostRoot(root, List.of())).read(List.of(main));
                assertThat(facts.source().isPresent()).isTrue();
                assertThat(facts.configPath()).isNotEqualTo(Optional.of(""));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
