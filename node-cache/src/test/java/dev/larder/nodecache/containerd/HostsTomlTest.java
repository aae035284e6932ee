package dev.larder.nodecache.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tomlj.Toml;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;

/** Golden files are in src/test/resources/hosts; with {@code LARDER_GOLDEN=write} in the environment they are written anew. */
class HostsTomlTest {

    private static final String CACHE = "http://127.0.0.1:5151";
    private static final Path GOLDEN = Path.of("src/test/resources/hosts");

    static final String CERTIFICATE = """
            -----BEGIN CERTIFICATE-----
            MIIBcjCCARmgAwIBAgIUExample
            -----END CERTIFICATE-----
            """;

    static HostsUpstream upstream(String url) {
        return new HostsUpstream(URI.create(url), "", false, Optional.empty());
    }

    static HostsEntry dockerHub() {
        return new HostsEntry("docker.io", CACHE, List.of(upstream("https://registry-1.docker.io")));
    }

    private static TomlParseResult parsed(String toml) {
        TomlParseResult result = Toml.parse(toml);
        assertThat(result.errors()).as(toml).isEmpty();
        return result;
    }

    private static List<String> hosts(String toml) {
        TomlTable hosts = parsed(toml).getTableOrEmpty("host");
        return List.copyOf(hosts.keySet());
    }

    private static void assertGolden(String name, String text) throws IOException {
        Path file = GOLDEN.resolve(name);
        if ("write".equals(System.getenv("LARDER_GOLDEN"))) {
            Files.writeString(file, text);
        }
        assertThat(text).isEqualTo(Files.readString(file));
    }

    private static String value(TomlTable table, String key) {
        return TomlText.value(Objects.requireNonNull(table.get(List.of(key))));
    }

    private static String merged(String foreign) {
        return switch (HostsToml.merged("default", dockerHub(), foreign)) {
            case HostsToml.Merge.Merged(String text) -> text;
            case HostsToml.Merge.Unusable(String reason) -> throw new AssertionError(reason);
        };
    }

    private static String unusable(String foreign) {
        return switch (HostsToml.merged("default", dockerHub(), foreign)) {
            case HostsToml.Merge.Merged(String text) -> throw new AssertionError(text);
            case HostsToml.Merge.Unusable(String reason) -> reason;
        };
    }

    @Test
    void fresh_oneUpstream() throws IOException {
        String text = HostsToml.fresh("default", dockerHub());
        assertGolden("one-upstream.toml", text);
        assertThat(hosts(text)).containsExactly(CACHE);
        assertThat(parsed(text).getString("server")).isEqualTo("https://registry-1.docker.io");
    }

    @Test
    void fresh_cacheWithTls() throws IOException {
        CaBundle ca = new CaBundle(CERTIFICATE);
        HostsEntry entry = new HostsEntry(
                "docker.io",
                "https://127.0.0.1:5151",
                Optional.of(ca),
                List.of(upstream("https://registry-1.docker.io")));
        String text = HostsToml.fresh("default", entry);
        assertGolden("cache-with-tls.toml", text);
        assertThat(parsed(text)
                        .getTableOrEmpty(List.of("host", "https://127.0.0.1:5151"))
                        .getArrayOrEmpty("ca")
                        .toList())
                .containsExactly(ca.fileName("default"));
        assertThat(HostsToml.cacheUrl(text)).hasValue("https://127.0.0.1:5151");
    }

    @Test
    void fresh_severalUpstreamsWithPrefixTrustAndPlainHttp() throws IOException {
        CaBundle ca = new CaBundle(CERTIFICATE);
        HostsEntry entry = new HostsEntry(
                "docker.io",
                "http://[::1]:5151",
                List.of(
                        new HostsUpstream(URI.create("https://harbor.corp:8443"), "hub/proxy", false, Optional.of(ca)),
                        new HostsUpstream(URI.create("https://eu.mirror"), "", true, Optional.empty()),
                        // plain http: a TLS key would make containerd try TLS on it first
                        new HostsUpstream(URI.create("http://10.0.0.5:5000"), "", true, Optional.of(ca)),
                        new HostsUpstream(URI.create("https://eu.mirror"), "", false, Optional.empty()),
                        new HostsUpstream(URI.create("https://artifactory.corp"), "docker", true, Optional.of(ca))));
        String text = HostsToml.fresh("team-a", entry);
        assertGolden("several-upstreams.toml", text);
        assertThat(hosts(text))
                .containsExactly(
                        "http://[::1]:5151",
                        "https://harbor.corp:8443/v2/hub/proxy",
                        "https://eu.mirror",
                        "http://10.0.0.5:5000");
        TomlParseResult parsed = parsed(text);
        assertThat(parsed.getString("server")).isEqualTo("https://artifactory.corp/v2/docker");
        assertThat(parsed.getBoolean("override_path")).isTrue();
        assertThat(parsed.getTableOrEmpty(List.of("host", "http://10.0.0.5:5000"))
                        .keySet())
                .containsExactly("capabilities", "dial_timeout");
    }

    @Test
    void fresh_saysWhoseItIsAndWhichCacheItNames() {
        String text = HostsToml.fresh("team.a-1", dockerHub());
        assertThat(HostsToml.owner(text)).contains("team.a-1");
        assertThat(HostsToml.cacheUrl(text)).contains(CACHE);
        assertThat(HostsToml.owner("server = \"https://docker.io\"\n" + text)).isEmpty();
        assertThat(HostsToml.owner("")).isEmpty();
    }

    @Test
    void merged_serverAndHosts_oursFirstTheRestUntouched() throws IOException {
        String foreign = """
                # written by hand, 2024
                server = "https://registry-1.docker.io"   # the real one
                skip_verify = false

                # the mirror downstairs
                [host."https://mirror.corp"]
                  capabilities = ["pull", "resolve"]
                  ca = "corp.pem"
                  [host."https://mirror.corp".header]
                    x-team = ["a", "b"]
                """;
        String text = merged(foreign);
        assertGolden("merged.toml", text);
        assertThat(hosts(text)).containsExactly(CACHE, "https://mirror.corp");
        assertThat(text)
                .contains(foreign.substring(0, foreign.indexOf("# the mirror")))
                .contains(foreign.substring(foreign.indexOf("# the mirror")));
        assertThat(HostsToml.owner(text)).contains("default");
        assertThat(HostsToml.cacheUrl(text)).contains(CACHE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n\n",
                "# nothing but a comment",
                "server = \"https://registry-1.docker.io\"",
                "server = \"https://a\"\n[host]\n",
                "[host]\n",
                "[host.\"https://a\"]",
                "[host.'https://a']\nca = '''\n[host.\"https://b\"]\n'''\n",
                "ca = [\n  # [host.\"https://b\"]\n  \"a.crt\",\n]\n[host.\"https://a\"]\n",
                "ca = \"\"\"\nx\\\"\"\"\\\n# not a comment \"\"\"\n[host.\"https://a\"]\n",
                "host.\"https://a\".capabilities = [\"pull\"]\n",
                "host.\"https://a\".capabilities = [\"pull\"]\n[host.\"https://b\"]\nskip_verify = true\n",
                "  [ host . \"https://a\" ]\n  capabilities = [\"pull\"] # end",
                "server = \"https://a\" # [host]\n",
            })
    void merged_keepsTheMeaningAndPutsOursIn(String foreign) {
        String text = merged(foreign);
        TomlParseResult before = parsed(foreign);
        TomlParseResult after = parsed(text);
        assertThat(after.getTableOrEmpty(List.of("host", CACHE)).keySet())
                .containsExactly("capabilities", "dial_timeout");
        TomlTable hosts = after.getTableOrEmpty("host");
        assertThat(hosts.size()).isEqualTo(before.getTableOrEmpty("host").size() + 1);
        for (String url : before.getTableOrEmpty("host").keySet()) {
            assertThat(TomlText.value(hosts.getTableOrEmpty(List.of(url))))
                    .isEqualTo(TomlText.value(before.getTableOrEmpty("host").getTableOrEmpty(List.of(url))));
        }
        for (String key : before.keySet()) {
            if (!key.equals("host")) {
                assertThat(value(after, key)).isEqualTo(value(before, key));
            }
        }
        assertThat(headers(text)).first().isEqualTo(CACHE);
    }

    /** Hosts in the order in which containerd 2 finds them: by headers alone. */
    private static List<String> headers(String toml) {
        return TomlStatements.of(toml).stream()
                .filter(statement -> statement.kind() == TomlStatements.Kind.HEADER)
                .map(statement -> parsed(statement.in(toml)))
                .filter(table -> !table.getTableOrEmpty("host").isEmpty())
                .map(table -> table.getTableOrEmpty("host").keySet().iterator().next())
                .toList();
    }

    @Test
    void merged_windowsLineEnds_staySo() {
        String text = merged("server = \"https://a\"\r\n\r\n[host.\"https://b\"]\r\nskip_verify = true\r\n");
        assertThat(hosts(text)).containsExactly(CACHE, "https://b");
        assertThat(text.replace("\r\n", "")).doesNotContain("\n");
    }

    @Test
    void merged_byteOrderMark_isLeftOutOfOurs() {
        String text = merged("\uFEFFserver = \"https://a\"\n");
        assertThat(text).doesNotContain("\uFEFF");
        assertThat(parsed(text).getString("server")).isEqualTo("https://a");
    }

    @Test
    void merged_inlineHosts_becomeDottedKeysThatContainerd2DoesNotSeeEither() {
        String text = merged("""
                host = { "https://a" = { capabilities = ["pull"], header = { x = "y" } } }
                server = "https://s"
                """);
        assertThat(hosts(text)).containsExactlyInAnyOrder(CACHE, "https://a");
        assertThat(headers(text)).containsExactly(CACHE);
        assertThat(parsed(text).getString(List.of("host", "https://a", "header", "x")))
                .isEqualTo("y");
        assertThat(parsed(text).getString("server")).isEqualTo("https://s");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "server = ",
                "[host.\"https://a\"\n",
                "server = 5\n",
                "host = \"https://a\"\n",
                "[host]\n\"https://a\" = true\n",
                "[[host]]\nserver = \"a\"\n",
                "capabilities = [\"pull\", \"delete\"]\n",
                "[host.\"https://a\"]\ncapabilities = \"pull\"\n",
                "[host.\"https://a\"]\nskip_verify = \"yes\"\n",
                "[host.\"https://a\"]\ndial_timeout = 5\n",
                "[host.\"https://a\"]\ndial_timeout = \"5 s\"\n",
                "[host.\"https://a\"]\nclient = [[\"a\", \"b\", \"c\"]]\n",
                "[host.\"https://a\"]\nheader = [\"a\"]\n",
                "ca = {a = 1}\n",
            })
    void merged_whatContainerdWouldIgnore_isRefused(String foreign) {
        assertThat(unusable(foreign)).isNotBlank();
    }

    @Test
    void merged_fileThatNamesTheCacheItself_isRefusedWithARemedy() {
        assertThat(unusable("[host.\"" + CACHE + "\"]\n")).contains(CACHE).contains("remove that table");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"plain", "quo\"te", "back\\slash", "tab\t", "new\nline", "nul\u0000", "del\u007f", "ünï", "🚀"})
    void string_anyTextSurvives(String text) {
        assertThat(parsed("x = " + TomlText.string(text)).getString("x")).isEqualTo(text);
    }
}
