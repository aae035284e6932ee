package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.FakeRegistry.Image;
import dev.larder.nodecache.fake.login.Internet;
import dev.larder.nodecache.fake.login.Login;
import dev.larder.nodecache.fake.login.LoginSimulator;
import dev.larder.nodecache.fake.login.Reply;
import dev.larder.nodecache.fake.login.Simulators;
import dev.larder.nodecache.fake.login.Tokens;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Secrets with a known mark flow through the program in every way there is, right and wrong, and everything it wrote is
 * searched for them: its log, {@code /status}, {@code /metrics}, every file of the store and the run directory, and what it
 * said to clients. Distribution and many after it have leaked them in such places (redacted there in 2025).
 */
class SecretsStayInsideIT {

    private static final String PROXY_MARK = "proxy-mark";
    private static final String SIGNATURE_MARK = "sig-mark-";

    @TempDir
    Path folder;

    private final Internet internet = new Internet();
    private final List<String> marks =
            new ArrayList<>(List.of(LoginSimulator.MARK, Tokens.MARK, SIGNATURE_MARK, PROXY_MARK));
    private final Map<String, String> written = new TreeMap<>();
    private final StringBuilder registries = new StringBuilder();

    @AfterEach
    void stop() {
        internet.close();
    }

    private LoginSimulator registry(Simulators which, String access, String secret) throws IOException {
        LoginSimulator registry = which.in(internet);
        marks.add(base64(registry.accounts().login()));
        marks.add(base64(registry.wrongLogin()));
        Path file = Files.writeString(folder.resolve(which + ".json"), secret.isEmpty() ? "{}" : secret);
        registries.append("""
                - host: %s
                  access: %s
                  upstreams: [{url: "%s", pathPrefix: "%s", caFile: "%s"%s}]
                """.formatted(
                        registry.place().imageHost(),
                        access,
                        registry.place().url(),
                        registry.place().pathPrefix(),
                        internet.caFile(),
                        secret.isEmpty() ? "" : ", credentialsFile: \"" + file + "\""));
        return registry;
    }

    private LoginSimulator shared(Simulators which) throws IOException {
        LoginSimulator probe = which.in(internet);
        return registry(
                which,
                "Shared",
                probe.accounts().login().dockerConfig(probe.place().url().getHost()));
    }

    private static String base64(Login login) {
        return login.basic().substring("Basic ".length());
    }

    private CacheProcess start() throws IOException {
        String yaml = TestCache.yaml(folder, LoginCache.PATIENT, "");
        String proxy = internet.proxyUrl().replace("http://", "http://user:" + PROXY_MARK + "@");
        return CacheProcess.start(
                folder,
                yaml.substring(0, yaml.indexOf("registries:")) + "registries:\n" + registries,
                Map.of("HTTPS_PROXY", proxy, "HTTP_PROXY", proxy, "NO_PROXY", ""));
    }

    /** @return the statuses */
    private Set<Integer> pull(CacheProcess cache, LoginSimulator registry, String... headers) throws Exception {
        Image image = registry.closedImage();
        List<HttpResponse<byte[]>> none = List.of();
        Set<Integer> statuses = LoginCache.statuses(none);
        for (String what : List.of(
                "manifests/" + LoginSimulator.TAG,
                "manifests/" + image.manifest(),
                "blobs/" + image.config(),
                "blobs/" + image.layer())) {
            String path = "/v2/" + registry.closedRepository() + "/" + what;
            HttpResponse<String> answer =
                    cache.ask(path + "?ns=" + registry.place().imageHost() + "&token=" + Tokens.MARK, headers);
            statuses.add(answer.statusCode());
            written.put("answer to " + path + registry, answer.headers() + answer.body());
        }
        return statuses;
    }

    @Test
    void nothingWritten_holdsASecret() throws Exception {
        LoginSimulator hub = shared(Simulators.DOCKER_HUB);
        LoginSimulator ecr = shared(Simulators.ECR);
        LoginSimulator tokenServer = shared(Simulators.REGISTRY_TOKEN_SERVER);
        LoginSimulator zot = shared(Simulators.ZOT_BASIC);
        LoginSimulator acr = shared(Simulators.ACR);
        LoginSimulator ghcr = registry(
                Simulators.GHCR, "Shared", new Login("x", LoginSimulator.MARK + "-wrong").dockerConfig("ghcr.io"));
        LoginSimulator gitlab = registry(Simulators.GITLAB, "Shared", "{\"auths\": " + LoginSimulator.MARK + "}");
        LoginSimulator harbor = registry(Simulators.HARBOR, "Relay", "");
        LoginSimulator quay = registry(Simulators.QUAY, "Relay", "");
        LoginSimulator artifactory = registry(Simulators.ARTIFACTORY_BEARER, "Exchange", "");
        LoginSimulator gcr = registry(Simulators.GCR, "Exchange", "");
        String marked = Tokens.MARK + "evil";
        tokenServer.answerTokensWith(token -> "{\"token\":\"" + marked + "\\r\\nX-Evil: 1\"}");
        acr.changeTokenServer(before -> asked -> Reply.of(200, "text/html", "<html>" + marked + asked.authorization()));
        internet.put(
                "storage.example.net",
                asked -> Reply.error(403, "DENIED", String.join(" ", asked.all("X-Amz-Signature"))));
        leadBlobsTo(zot, "ftp://storage.example.net/?X-Amz-Signature=" + SIGNATURE_MARK + "1");
        leadBlobsTo(ecr, "https://storage.example.net/?X-Amz-Signature=" + SIGNATURE_MARK + "2");
        try (CacheProcess cache = start()) {
            assertThat(pull(cache, hub)).containsOnly(200);
            assertThat(pull(cache, ecr)).containsOnly(200, 502);
            assertThat(pull(cache, tokenServer)).containsOnly(502);
            assertThat(pull(cache, acr)).containsOnly(502);
            assertThat(pull(cache, zot)).containsOnly(200, 502);
            assertThat(pull(cache, ghcr)).containsOnly(403);
            assertThat(pull(cache, gitlab)).containsOnly(403);
            assertThat(pull(
                            cache,
                            harbor,
                            "Authorization",
                            harbor.accounts().login().basic()))
                    .containsOnly(200);
            String token = quay.tokens().mint(Set.of(quay.closedRepository()));
            assertThat(pull(cache, quay, "Authorization", "Bearer " + token)).containsOnly(200);
            assertThat(pull(cache, quay, "Authorization", "Bearer " + marked)).containsOnly(401);
            for (LoginSimulator exchanged : List.of(artifactory, gcr)) {
                String right = exchanged.accounts().login().basic();
                String wrong = exchanged.wrongLogin().basic();
                assertThat(pull(cache, exchanged, "Authorization", right)).containsOnly(200);
                assertThat(pull(cache, exchanged, "Authorization", wrong)).containsOnly(401);
                assertThat(pull(cache, exchanged, "Authorization", "Bearer " + marked))
                        .containsOnly(401);
                exchanged.fail(true, true);
                assertThat(pull(cache, exchanged, "Authorization", right)).containsOnly(200);
            }
            Path verdicts = folder.resolve("store/v1/verdicts");
            await().until(() ->
                    Files.exists(verdicts) && Files.readString(verdicts).contains("gcr.io acme/closed "));
            written.put("status", cache.admin("/status").body());
            written.put("metrics", cache.admin("/metrics").body());
            await().until(() -> Files.readString(folder.resolve("log"))
                            .lines()
                            .filter(l -> l.contains("quay.io"))
                            .count()
                    >= 8);
        }
        assertThat(internet.asked()).anySatisfy(asked -> assertThat(asked.authorization())
                .contains(base64(hub.accounts().login())));
        collect(folder.resolve("log"));
        collect(folder.resolve("store"));
        collect(folder.resolve("run"));
        assertThat(written.keySet()).anyMatch(name -> name.contains("index."));
        assertThat(written)
                .anySatisfy((where, text) -> assertThat(where + text).contains("v1/verdicts", "gcr.io acme/closed "));
        written.forEach((where, text) ->
                assertThat(marks).as(where).noneSatisfy(mark -> assertThat(text).contains(mark)));
    }

    private void leadBlobsTo(LoginSimulator registry, String location) {
        String host = registry.place().url().getHost();
        var before = internet.at(host);
        internet.put(host, asked -> {
            Reply reply = before.answer(asked);
            boolean sent = reply.status() == 200 || reply.status() == 307;
            return sent && asked.path().contains("/blobs/") ? Reply.redirect(307, location) : reply;
        });
    }

    private void collect(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                written.put(file.toString(), Files.readString(file, StandardCharsets.ISO_8859_1));
            }
        }
    }
}
