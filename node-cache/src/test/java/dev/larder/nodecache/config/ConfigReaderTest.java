package dev.larder.nodecache.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.larder.nodecache.config.RegistryConfig.Access;
import dev.larder.nodecache.config.RegistryConfig.RepositoryRules;
import dev.larder.nodecache.oci.ImageName;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigReaderTest {

    private static final String SMALLEST = """
            version: 1
            registries:
            - host: docker.io
              upstreams: [{url: https://registry-1.docker.io}]
            """;

    @Test
    void parse_smallestFile_hasTheDocumentedDefaults() {
        var upstream = new UpstreamConfig(
                URI.create("https://registry-1.docker.io"), "", null, false, null, Set.of(), UpstreamTimeouts.NONE);
        var registry = new RegistryConfig(
                "docker.io", List.of(upstream), Access.RELAY, RepositoryRules.ALL, List.of(TagRule.DEFAULT), 20);

        assertThat(loaded(SMALLEST))
                .isEqualTo(new NodeCacheConfig(
                        "",
                        "default",
                        ListenConfig.DEFAULT,
                        StorageConfig.DEFAULT,
                        LimitsConfig.DEFAULT,
                        TimeoutsConfig.DEFAULT,
                        List.of(registry),
                        ContainerdConfig.DEFAULT,
                        null));
    }

    @Test
    void parse_everyKey_isTaken() {
        NodeCacheConfig config = loaded("""
                version: 1
                revision: abc
                resource: ci
                listen: {registry: "[::1]:15151", admin: 10.0.0.1:0, runDirectory: /tmp/run, tls: {certFile: /tls/tls.crt, keyFile: /tls/tls.key, caFile: /tls/ca.crt},
                  jobs: {address: "0.0.0.0:5153", certFile: /j/tls.crt, keyFile: /j/tls.key, clientCaFile: /j/ca.crt, clientName: op}}
                storage: {path: /data/larder, size: 500M, minFree: 5Gi, pins: ["localhost:5000/team/app:v1"]}
                limits: {requests: 7, fills: 5, fillsPerUpstream: 3}
                timeouts: {connect: 1s, firstByteWarm: 250ms, firstByteCold: 5s, idle: 1m, client: 2m, shutdown: 0s}
                registries:
                - host: localhost:5000
                  upstreams:
                  - {url: "http://[::1]:5001", pathPrefix: a/b, caFile: /ca.crt, insecureSkipVerify: true, credentialsFile: /creds, tokenServers: ["auth.example.com:443", "sso.example.com:8443"], timeouts: {connect: 500ms, firstByte: 15s, idle: 2m}}
                  access: Shared
                  rateBudget: {reserve: 35%}
                  repositories: {allow: ["library/*"], deny: ["library/secret"]}
                  tags:
                  - {pattern: "v*", freshFor: 0s, staleWhileRevalidate: 1h30m, staleIfError: 7d, onDeletedUpstream: Serve}
                containerd: {manage: false, configPath: /etc/cri/conf.d/hosts, hostRoot: ""}
                mirror: {folder: /mirror}
                """);

        assertThat(config.revision()).isEqualTo("abc");
        assertThat(config.resource()).isEqualTo("ci");
        assertThat(config.listen())
                .isEqualTo(new ListenConfig(
                        new Endpoint("::1", 15151),
                        new Endpoint("10.0.0.1", 0),
                        Path.of("/tmp/run"),
                        new TlsConfig(Path.of("/tls/tls.crt"), Path.of("/tls/tls.key"), Path.of("/tls/ca.crt")),
                        new JobsConfig(
                                new Endpoint("0.0.0.0", 5153),
                                new TlsConfig(Path.of("/j/tls.crt"), Path.of("/j/tls.key"), null),
                                Path.of("/j/ca.crt"),
                                "op")));
        assertThat(config.mirror()).isEqualTo(Path.of("/mirror"));
        assertThat(config.storage())
                .isEqualTo(new StorageConfig(
                        Path.of("/data/larder"),
                        new DataSize(500_000_000),
                        new MinFree.Bytes(new DataSize(5L << 30)),
                        List.of(ImageName.parse("localhost:5000/team/app:v1"))));
        assertThat(config.limits()).isEqualTo(new LimitsConfig(7, 5, 3));
        assertThat(config.timeouts())
                .isEqualTo(new TimeoutsConfig(
                        Duration.ofSeconds(1),
                        Duration.ofMillis(250),
                        Duration.ofSeconds(5),
                        Duration.ofMinutes(1),
                        Duration.ofMinutes(2),
                        Duration.ZERO));
        assertThat(config.containerd())
                .isEqualTo(new ContainerdConfig(false, Optional.of(Path.of("/etc/cri/conf.d/hosts")), Path.of("/")));
        RegistryConfig registry = config.registries().getFirst();
        assertThat(registry.host()).isEqualTo("localhost:5000");
        assertThat(registry.access()).isEqualTo(Access.SHARED);
        assertThat(registry.repositories())
                .isEqualTo(new RepositoryRules(List.of("library/*"), List.of("library/secret")));
        assertThat(registry.upstreams())
                .containsExactly(new UpstreamConfig(
                        URI.create("http://[::1]:5001"),
                        "a/b",
                        Path.of("/ca.crt"),
                        true,
                        Path.of("/creds"),
                        Set.of("auth.example.com", "sso.example.com:8443"),
                        new UpstreamTimeouts(Duration.ofMillis(500), Duration.ofSeconds(15), Duration.ofMinutes(2))));
        assertThat(registry.reservePercent()).isEqualTo(35);
        assertThat(registry.tags())
                .containsExactly(
                        new TagRule(
                                "v*",
                                Duration.ZERO,
                                Duration.ofMinutes(90),
                                Duration.ofDays(7),
                                TagRule.OnDeleted.SERVE),
                        TagRule.DEFAULT);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            version: 2                                      | version                    | from 1 to 1, not "2"
            color: red                                      | color                      | is not a key of this version
            listen: {jobs: {address: "0.0.0.0:1"}}          | listen.jobs                | needs address, certFile
            mirror: {folder: here}                          | mirror.folder              | absolute path
            listen: {tls: {certFile: /a}}                   | listen.tls                 | needs both certFile and keyFile
            listen: {tls: {certFile: /a, keyFile: /b}}      | listen.tls.caFile          | is missing: containerd has to be told
            listen: {registry: 5151}                        | listen.registry            | not host:port
            listen: {registry: "::1:5151"}                  | listen.registry            | needs brackets
            listen: {admin: "0.0.0.0:99999"}                | listen.admin               | port from 0 to 65535
            listen: {runDirectory: run}                     | listen.runDirectory        | absolute path
            storage: 20Gi                                   | storage                    | must be a mapping
            storage: {path: var}                            | storage.path               | absolute path
            storage: {size: 20GiB}                          | storage.size               | "20GiB": not a size
            storage: {size: 1k}                             | storage.size               | at least 1Mi
            storage: {size: 9000000000Ti}                   | storage.size               | beyond 2^63
            storage: {pins: [nginx]}                        | storage.pins[0]            | "nginx": not an image
            storage: {pins: [docker.io/x]}                  | storage.pins[0]            | a tag or a digest
            storage: {pins: [quay.io/a/b:v1]}               | storage.pins               | no registry here has the host quay.io
            storage: {pins: 5}                              | storage.pins               | must be a list
            storage: {minFree: 100%}                        | storage.minFree            | from 0% to 99%
            storage: {sizes: 1Gi}                           | storage.sizes              | known here: minFree, path, pins, size
            limits: {requests: 0}                           | limits.requests            | from 1 to 100000
            limits: {fills: many}                           | limits.fills               | not "many"
            timeouts: {connect: 2}                          | timeouts.connect           | not a duration
            timeouts: {connect: 1ms}                        | timeouts.connect           | from 10ms to 86400s
            registries: []                                  | registries                 | at least one registry
            registries: [docker.io]                         | registries[0]              | must be a mapping
            registries: [{}]                                | registries[0].host         | is missing
            registries: [{upstreams: [{tokenServers: ["https://a/token"]}]}] | registries[0].upstreams[0].tokenServers | "https://a/token" must be a host
            registries: [{host: docker.io}]                 | registries[0].upstreams    | at least one upstream
            registries: [{host: "https://docker.io"}]       | registries[0].host         | no scheme
            registries: [{host: "../etc"}]                  | registries[0].host         | no path
            registries: [{host: a, upstreams: [{}]}]        | registries[0].upstreams[0].url | is missing
            registries: [{host: a, upstreams: [{url: "ftp://a"}]}]          | registries[0].upstreams[0].url | must be https://host
            registries: [{host: a, upstreams: [{url: "https://u:p@a"}]}]    | registries[0].upstreams[0].url | a user into credentialsFile
            registries: [{host: a, upstreams: [{url: "https://a/b"}]}]      | registries[0].upstreams[0].url | a path goes into pathPrefix
            registries: [{host: a, upstreams: [{url: "https://a", pathPrefix: /b}]}] | registries[0].upstreams[0].pathPrefix | no slash at its ends
            registries: [{host: a, access: Open}]           | registries[0].access       | is not one of Anonymous, Exchange, Relay, Shared
            registries: [{host: a, tags: [{freshFor: soon}]}] | registries[0].tags[0].freshFor | "soon": not a duration
            registries: [{host: a, rateBudget: {reserve: 20}}]   | registries[0].rateBudget.reserve | from 0% to 100%
            registries: [{host: a, rateBudget: {reserve: 101%}}] | registries[0].rateBudget.reserve | "101%": must be a whole share
            registries: [{host: a, rateBudget: {keep: 1%}}]      | registries[0].rateBudget.keep    | known here: reserve
            registries: [{host: a, upstreams: [{url: "https://a", timeouts: {connect: 2h}}]}] | registries[0].upstreams[0].timeouts.connect | from 10ms to 60s, not 7200s
            registries: [{host: a, upstreams: [{url: "https://a", timeouts: {firstByte: soon}}]}] | registries[0].upstreams[0].timeouts.firstByte | "soon": not a duration
            registries: [{host: a, upstreams: [{url: "https://a", timeouts: {idle: 11m}}]}] | registries[0].upstreams[0].timeouts.idle | from 10ms to 600s
            containerd: {manage: perhaps}                   | containerd.manage          | must be true or false
            containerd: {configPath: certs.d}               | containerd.configPath      | absolute path
            """)
    void parse_wrongValue_namesPathAndRemedy(String line, String path, String message) {
        String key = line.substring(0, line.indexOf(':'));
        String text = SMALLEST.lines()
                        .filter(existing -> !key.equals("version") || !existing.startsWith("version"))
                        .takeWhile(existing -> !key.equals("registries") || !existing.startsWith("registries"))
                        .reduce("", (all, next) -> all + next + "\n")
                + line + "\n";

        assertThat(problems(text)).anySatisfy(problem -> {
            assertThat(problem.path()).isEqualTo(path);
            assertThat(problem.message()).contains(message);
        });
    }

    @Test
    void parse_severalProblems_namesThemAll() {
        assertThat(problems("version: 1\nstorage: {size: x}\nlimits: {fills: 0}\n"))
                .extracting(Problem::path)
                .containsExactlyInAnyOrder("storage.size", "limits.fills", "registries");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''          | must be a mapping
            hello       | must be a mapping
            a: [        | not valid YAML
            a: 1\\na: 2 | duplicate key
            """)
    void parse_notAMapping_saysSo(String text, String message) {
        assertThat(problems(text.replace("\\n", "\n")))
                .singleElement()
                .satisfies(problem -> assertThat(problem.toString()).contains(message));
    }

    @Test
    void parse_missingVersion_saysWhatToWrite() {
        assertThat(problems(SMALLEST.replace("version: 1\n", "")))
                .singleElement()
                .hasToString("version: is missing: write version: 1");
    }

    @Test
    void parse_sameHostTwice_isAProblem() {
        String entry = "- {host: a.io, upstreams: [{url: https://a.io}]}\n";
        assertThat(problems("version: 1\nregistries:\n" + entry + entry))
                .singleElement()
                .hasToString("registries[1].host: \"a.io\" stands in the list twice: keep one");
    }

    @Test
    void read_missingFile_namesIt(@TempDir Path folder) {
        Path file = folder.resolve("config.yaml");
        assertThat(ConfigReader.read(file))
                .asInstanceOf(type(ConfigResult.Rejected.class))
                .satisfies(rejected ->
                        assertThat(rejected.problems().getFirst().message()).contains(file.toString()));
    }

    /** Found by ConfigFuzzTest: each of these was a stack overflow, which ended the thread that watches the file. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {a: 1, &x [{b: *x}]}     | aliases
            [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[ | more than 32 deep
            """)
    void parse_whatLoadingCannotBear_isRefusedBefore(String value, String problem) {
        assertThat(problems("version: 1\nrevision: " + value))
                .extracting(Problem::message)
                .anySatisfy(message -> assertThat(message).contains(problem));
    }

    @Test
    void read_notUtf8_saysSo(@TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("config.yaml"), "version: \u00e9".getBytes(StandardCharsets.ISO_8859_1));
        assertThat(ConfigReader.read(file))
                .asInstanceOf(type(ConfigResult.Rejected.class))
                .satisfies(rejected ->
                        assertThat(rejected.problems().getFirst().message()).contains("UTF-8"));
    }

    @Test
    void appliesLive_onlyWithoutNewAddressesOrPath() {
        NodeCacheConfig config = loaded(SMALLEST);
        assertThat(config.appliesLive(loaded(SMALLEST + "storage: {size: 1Gi}\n")))
                .isTrue();
        assertThat(config.appliesLive(loaded(SMALLEST + "timeouts: {client: 1m}\n")))
                .isFalse();
        assertThat(config.appliesLive(loaded(SMALLEST + "storage: {path: /x}\n")))
                .isFalse();
        assertThat(config.appliesLive(loaded(SMALLEST + "listen: {registry: \"127.0.0.1:1\"}\n")))
                .isFalse();
    }

    private static NodeCacheConfig loaded(String text) {
        return switch (ConfigReader.parse(text)) {
            case ConfigResult.Loaded loaded -> loaded.config();
            case ConfigResult.Rejected rejected ->
                throw new AssertionError(rejected.problems().toString());
        };
    }

    private static List<Problem> problems(String text) {
        return switch (ConfigReader.parse(text)) {
            case ConfigResult.Rejected rejected -> rejected.problems();
            case ConfigResult.Loaded loaded -> throw new AssertionError("was taken: " + loaded.config());
        };
    }
}
