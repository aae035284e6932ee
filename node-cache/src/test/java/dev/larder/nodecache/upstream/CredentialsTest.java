package dev.larder.nodecache.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.Callers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CredentialsTest {

    @TempDir
    Path folder;

    private Optional<String> read(String host, String registry, String dockerConfig) throws Exception {
        Files.writeString(folder.resolve(".dockerconfigjson"), dockerConfig);
        return new Credentials(folder, host, registry, Callers.IDENTITIES)
                .read()
                .map(login -> login.user() + " " + login.secret().reveal() + (login.refresh() ? " refresh" : ""));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String entry(String server) {
        return "\"" + server + "\":{\"auth\":\"" + base64(server + ":pw:" + server) + "\"}";
    }

    @ParameterizedTest(name = "upstream {0} of {1}, entries {2} and {3}: {4}")
    @CsvSource({
        "registry-1.docker.io, docker.io, quay.io, https://index.docker.io/v1/, https://index.docker.io/v1/",
        "registry-1.docker.io, docker.io, docker.io, quay.io, docker.io",
        "registry-1.docker.io, docker.io, quay.io, ghcr.io, -",
        "harbor.example.com, docker.io, https://index.docker.io/v1/, harbor.example.com, harbor.example.com",
        "harbor.example.com, docker.io, https://index.docker.io/v1/, https://harbor.example.com, https://harbor.example.com",
        "10.0.0.1:5000, registry.local, registry.local, 10.0.0.1, registry.local",
        "10.0.0.1:5000, registry.local, 10.0.0.1, 10.0.0.1:5000, 10.0.0.1:5000",
        "ghcr.io, ghcr.io, ghcr.io.evil.example, evilghcr.io, -",
    })
    void entryOfTheHost_winsOverThatOfTheRegistry(
            String host, String registry, String first, String second, String chosen) throws Exception {
        Optional<String> login = read(host, registry, "{\"auths\":{" + entry(first) + "," + entry(second) + "}}");
        // A user ends at the first colon, here that of https.
        String user = chosen.replaceFirst(":.*", "");
        assertThat(login.map(text -> text.replaceFirst(" .*", "")))
                .isEqualTo(chosen.equals("-") ? Optional.empty() : Optional.of(user));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"auths":null}                                                                      |
            {"auths":{"h":null}}                                                                | ' '
            {"auths":{"h":{"username":"u","password":"p","auth":null,"identitytoken":null}}}    | u p
            {"auths":{"h":{"username":null,"password":null,"auth":"dTpw"}}}                     | u p
            """)
    void null_saysNothing(String dockerConfig, String login) throws Exception {
        assertThat(read("h", "r", dockerConfig)).isEqualTo(Optional.ofNullable(login));
    }

    @Test
    void forms() throws Exception {
        String host = "{\"auths\":{\"h\":{%s}}}";
        assertThat(read("h", "r", host.formatted("\"username\":\"u\",\"password\":\"p:q\"")))
                .hasValue("u p:q");
        String folded = base64("robot$p+n:" + "long ".repeat(40)).replaceAll("(.{76})", "$1\\\\n");
        assertThat(read("h", "r", host.formatted("\"auth\":\"" + folded + "\"")))
                .hasValue("robot$p+n " + "long ".repeat(40));
        assertThat(read("h", "r", host.formatted("\"auth\":\"" + base64("0-0:") + "\",\"identitytoken\":\"t\"")))
                .hasValue("0-0 t refresh");
    }

    @Test
    void whatCannotBeRead_isNoLogin() throws Exception {
        for (String text :
                new String[] {"", "[]", "{\"auths\":[]}", "{\"auths\":{\"h\":7}}", "{\"auths\":{\"h\":{\"auth\":7}}}"
                }) {
            assertThat(read("h", "r", text)).as(text).isEmpty();
        }
        Files.delete(folder.resolve(".dockerconfigjson"));
        assertThat(new Credentials(folder, "h", "r", Callers.IDENTITIES).read()).isEmpty();
        Files.writeString(folder.resolve("username"), "u\n");
        Files.writeString(folder.resolve("password"), "p\n");
        assertThat(new Credentials(folder, "h", "r", Callers.IDENTITIES).read())
                .map(login -> login.user() + " " + login.secret().reveal() + " " + login.refresh())
                .hasValue("u p false");
    }
}
