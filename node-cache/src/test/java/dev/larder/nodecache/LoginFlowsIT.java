package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.login.Asked;
import dev.larder.nodecache.fake.login.Internet;
import dev.larder.nodecache.fake.login.Login;
import dev.larder.nodecache.fake.login.LoginSimulator;
import dev.larder.nodecache.fake.login.Simulators;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Each registry's way to log in, from the client's answer to what the registry saw of it. A pull is HEAD of the tag, the
 * manifest by digest, config and layer.
 */
class LoginFlowsIT {

    @TempDir
    Path folder;

    private final Internet internet = new Internet();

    @AfterEach
    void stop() {
        internet.close();
    }

    /** Who asks for what. */
    enum Case {
        /** A client without a login, for what is open to everyone; no operator's login. */
        OPEN,
        /** For what is closed, with the operator's login. */
        CLOSED,
        /** For what is closed, with an operator's login that is wrong. */
        WRONG,
        /** For what is open, with an operator's login that is wrong. */
        OPEN_WRONG,
        /** As CLOSED; between manifest and blobs all tokens end, and where there are none, the password changes. */
        EXPIRED
    }

    @ParameterizedTest(name = "{0}, {1}: {2}, {3} requests and {4} for tokens, credentials {5}")
    @CsvSource(delimiter = '|', textBlock = """
            # registry            | case       | all | registry requests | token requests | credentials
            DOCKER_HUB            | OPEN       | 200 |  5 | 1 | Unknown
            DOCKER_HUB            | CLOSED     | 200 |  5 | 1 | Valid
            DOCKER_HUB            | WRONG      | 403 |  5 | 2 | Invalid
            DOCKER_HUB            | OPEN_WRONG | 200 |  5 | 2 | Invalid
            DOCKER_HUB            | EXPIRED    | 200 |  6 | 2 | Valid
            GHCR                  | OPEN       | 200 |  5 | 1 | Unknown
            GHCR                  | CLOSED     | 200 |  5 | 1 | Valid
            GHCR                  | WRONG      | 403 |  4 | 2 | Invalid
            GHCR                  | OPEN_WRONG | 200 |  5 | 2 | Invalid
            GHCR                  | EXPIRED    | 200 |  7 | 2 | Valid
            QUAY                  | OPEN       | 200 |  5 | 1 | Unknown
            QUAY                  | CLOSED     | 200 |  5 | 1 | Valid
            QUAY                  | WRONG      | 403 |  5 | 2 | Invalid
            QUAY                  | OPEN_WRONG | 200 |  5 | 2 | Invalid
            QUAY                  | EXPIRED    | 200 |  6 | 2 | Valid
            GITLAB                | OPEN       | 200 |  5 | 1 | Unknown
            GITLAB                | CLOSED     | 200 |  5 | 1 | Valid
            GITLAB                | WRONG      | 403 |  4 | 2 | Invalid
            GITLAB                | OPEN_WRONG | 200 |  5 | 2 | Invalid
            GITLAB                | EXPIRED    | 200 |  6 | 2 | Valid
            HARBOR                | OPEN       | 200 |  5 | 1 | Unknown
            HARBOR                | CLOSED     | 200 |  5 | 1 | Valid
            HARBOR                | WRONG      | 403 |  6 | 2 | Invalid
            HARBOR                | OPEN_WRONG | 200 |  6 | 2 | Invalid
            HARBOR                | EXPIRED    | 200 |  7 | 2 | Valid
            ARTIFACTORY_BASIC     | OPEN       | 200 |  4 | 0 | Unknown
            ARTIFACTORY_BASIC     | CLOSED     | 200 |  5 | 0 | Valid
            ARTIFACTORY_BASIC     | WRONG      | 403 |  5 | 0 | Invalid
            ARTIFACTORY_BASIC     | OPEN_WRONG | 200 |  4 | 0 | Unknown
            ARTIFACTORY_BASIC     | EXPIRED    | 200 |  5 | 0 | Valid
            ARTIFACTORY_BEARER    | OPEN       | 200 |  5 | 1 | Unknown
            ARTIFACTORY_BEARER    | CLOSED     | 200 |  5 | 1 | Valid
            ARTIFACTORY_BEARER    | WRONG      | 403 |  5 | 2 | Invalid
            ARTIFACTORY_BEARER    | OPEN_WRONG | 200 |  5 | 2 | Invalid
            ARTIFACTORY_BEARER    | EXPIRED    | 200 |  6 | 2 | Valid
            ECR                   | OPEN       | 401 |  4 | 0 | Unknown
            ECR                   | CLOSED     | 200 |  5 | 0 | Valid
            ECR                   | WRONG      | 403 |  6 | 0 | Invalid
            ECR                   | OPEN_WRONG | 403 |  6 | 0 | Invalid
            ECR                   | EXPIRED    | 200 |  5 | 0 | Valid
            ECR_PUBLIC            | OPEN       | 200 |  5 | 1 | Unknown
            ECR_PUBLIC            | CLOSED     | 200 |  5 | 1 | Valid
            ECR_PUBLIC            | WRONG      | 200 |  5 | 2 | Invalid
            ECR_PUBLIC            | OPEN_WRONG | 200 |  5 | 2 | Invalid
            ECR_PUBLIC            | EXPIRED    | 200 |  7 | 2 | Valid
            ARTIFACT_REGISTRY     | OPEN       | 200 |  5 | 1 | Unknown
            ARTIFACT_REGISTRY     | CLOSED     | 200 |  5 | 1 | Valid
            ARTIFACT_REGISTRY     | WRONG      | 403 |  5 | 2 | Invalid
            ARTIFACT_REGISTRY     | OPEN_WRONG | 200 |  5 | 2 | Invalid
            ARTIFACT_REGISTRY     | EXPIRED    | 200 |  6 | 2 | Valid
            GCR                   | OPEN       | 200 |  5 | 1 | Unknown
            GCR                   | CLOSED     | 200 |  5 | 1 | Valid
            GCR                   | WRONG      | 403 |  5 | 2 | Invalid
            GCR                   | OPEN_WRONG | 200 |  5 | 2 | Invalid
            GCR                   | EXPIRED    | 200 |  6 | 2 | Valid
            ACR                   | OPEN       | 200 |  5 | 1 | Unknown
            ACR                   | CLOSED     | 200 |  5 | 1 | Valid
            ACR                   | WRONG      | 403 |  4 | 2 | Invalid
            ACR                   | OPEN_WRONG | 200 |  5 | 2 | Invalid
            ACR                   | EXPIRED    | 200 |  6 | 2 | Valid
            REGISTRY_HTPASSWD     | OPEN       | 401 |  4 | 0 | Unknown
            REGISTRY_HTPASSWD     | CLOSED     | 200 |  5 | 0 | Valid
            REGISTRY_HTPASSWD     | WRONG      | 403 |  5 | 0 | Invalid
            REGISTRY_HTPASSWD     | OPEN_WRONG | 403 |  5 | 0 | Invalid
            REGISTRY_HTPASSWD     | EXPIRED    | 200 |  5 | 0 | Valid
            REGISTRY_TOKEN_SERVER | OPEN       | 200 |  5 | 1 | Unknown
            REGISTRY_TOKEN_SERVER | CLOSED     | 200 |  5 | 1 | Valid
            REGISTRY_TOKEN_SERVER | WRONG      | 403 |  5 | 2 | Invalid
            REGISTRY_TOKEN_SERVER | OPEN_WRONG | 200 |  5 | 2 | Invalid
            REGISTRY_TOKEN_SERVER | EXPIRED    | 200 |  6 | 2 | Valid
            ZOT_BASIC             | OPEN       | 200 |  4 | 0 | Unknown
            ZOT_BASIC             | CLOSED     | 200 |  5 | 0 | Valid
            ZOT_BASIC             | WRONG      | 403 |  5 | 0 | Invalid
            ZOT_BASIC             | OPEN_WRONG | 200 |  4 | 0 | Unknown
            ZOT_BASIC             | EXPIRED    | 200 |  5 | 0 | Valid
            ZOT_BEARER            | OPEN       | 200 |  5 | 1 | Unknown
            ZOT_BEARER            | CLOSED     | 200 |  5 | 1 | Valid
            ZOT_BEARER            | WRONG      | 403 |  5 | 2 | Invalid
            ZOT_BEARER            | OPEN_WRONG | 200 |  5 | 2 | Invalid
            ZOT_BEARER            | EXPIRED    | 200 |  6 | 2 | Valid
            PLAIN                 | OPEN       | 200 |  4 | 0 | Unknown
            PLAIN                 | CLOSED     | 200 |  4 | 0 | Unknown
            PLAIN                 | WRONG      | 200 |  4 | 0 | Unknown
            PLAIN                 | OPEN_WRONG | 200 |  4 | 0 | Unknown
            PLAIN                 | EXPIRED    | 200 |  4 | 0 | Unknown
            """)
    void flow(Simulators which, Case what, int status, int requests, int tokens, String credentials) throws Exception {
        LoginSimulator registry = which.in(internet);
        List<HttpResponse<byte[]>> answers = new ArrayList<>();
        try (LoginCache cache = cacheFor(what, registry)) {
            switch (what) {
                case OPEN, OPEN_WRONG -> answers.addAll(cache.pullOpen());
                case CLOSED, WRONG -> answers.addAll(cache.pullClosed());
                case EXPIRED -> {
                    answers.addAll(cache.resolve(registry.closedRepository(), registry.closedImage()));
                    expire(registry, cache);
                    answers.addAll(cache.fetch(registry.closedRepository(), registry.closedImage()));
                }
            }
            assertThat(LoginCache.statuses(answers)).as(seen()).containsOnly(status);
            assertThat(cache.credentials()).as(seen()).isEqualTo(credentials);
        }
        if (status == 200) {
            var image = what == Case.OPEN || what == Case.OPEN_WRONG ? registry.openImage() : registry.closedImage();
            assertThat(answers.getLast().body()).isEqualTo(image.layerBytes());
        }
        assertThat(registry.registryRequests()).as(seen()).hasSize(requests);
        assertThat(registry.tokenRequests()).as(seen()).hasSize(tokens);
        credentialsWentOnlyWhereTheyBelong(registry);
    }

    private LoginCache cacheFor(Case what, LoginSimulator registry) {
        return switch (what) {
            case OPEN -> LoginCache.relay(folder, registry);
            case CLOSED, EXPIRED ->
                LoginCache.shared(folder, registry, registry.accounts().login());
            case WRONG, OPEN_WRONG -> LoginCache.shared(folder, registry, registry.wrongLogin());
        };
    }

    private static void expire(LoginSimulator registry, LoginCache cache) {
        registry.tokens().expireAll();
        if (registry.place().realm().isEmpty()) {
            Login next = new Login(registry.accounts().login().user(), LoginSimulator.MARK + "-next");
            registry.accounts().change(next);
            cache.secret(next.dockerConfig(registry.place().url().getHost()));
        }
    }

    private void credentialsWentOnlyWhereTheyBelong(LoginSimulator registry) {
        List<String> mayKnow = new ArrayList<>(List.of(registry.place().url().getHost()));
        registry.place().realm().ifPresent(realm -> mayKnow.add(realm.getHost()));
        assertThat(internet.asked()).allSatisfy(asked -> {
            assertThat(asked.scheme()).isEqualTo("https");
            if (!mayKnow.contains(asked.host())) {
                assertThat(asked.authorization()).as(asked.toString()).isEmpty();
            }
        });
    }

    private String seen() {
        return internet.asked().stream().map(Asked::toString).collect(Collectors.joining("\n", "\n", "\n"));
    }
}
