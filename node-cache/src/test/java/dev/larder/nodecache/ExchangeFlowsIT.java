package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.FakeRegistry.Image;
import dev.larder.nodecache.fake.SettableClock;
import dev.larder.nodecache.fake.login.Asked;
import dev.larder.nodecache.fake.login.Internet;
import dev.larder.nodecache.fake.login.Login;
import dev.larder.nodecache.fake.login.LoginSimulator;
import dev.larder.nodecache.fake.login.Simulators;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/**
 * What is closed, pulled by {@code access: Exchange} past every simulated registry: what each step costs the registry and its
 * token server, and who gets something. A pull is what containerd does: HEAD of the tag without a login, then with one, the
 * manifest by digest, config and layer.
 */
class ExchangeFlowsIT {

    /** Until the login is shown again. */
    private static final Duration FRESH = Duration.ofMinutes(15);

    @TempDir
    Path folder;

    private final Internet internet = new Internet();
    private final SettableClock clock = new SettableClock();
    private final List<Integer> statuses = new ArrayList<>();
    private @Nullable LoginSimulator simulated;
    private @Nullable LoginCache running;

    private LoginSimulator registry() {
        return Objects.requireNonNull(simulated);
    }

    private LoginCache cache() {
        return Objects.requireNonNull(running);
    }

    @AfterEach
    void stop() {
        cache().close();
        internet.close();
    }

    private void start(Simulators which) {
        simulated = which.in(internet);
        running = LoginCache.exchange(folder, registry(), clock);
    }

    /** A pull of the closed image; whoever is challenged in any way but ours gets no further. */
    private void pull(Login login) throws Exception {
        internet.forget();
        statuses.clear();
        String path = "/v2/" + registry().closedRepository() + "/manifests/" + LoginSimulator.TAG + "?ns="
                + registry().place().imageHost();
        HttpResponse<byte[]> first = cache().cache().head(path);
        statuses.add(first.statusCode());
        if (first.statusCode() == 401) {
            assertThat(first.headers().allValues("WWW-Authenticate"))
                    .containsExactly("Basic realm=\"" + registry().place().imageHost() + "\"");
            List<HttpResponse<byte[]>> answers = cache().pullClosed("Authorization", login.basic());
            statuses.addAll(LoginCache.statuses(answers));
            if (answers.getLast().statusCode() == 200) {
                assertThat(answers.getLast().body())
                        .isEqualTo(registry().closedImage().layerBytes());
            }
        }
    }

    private void costs(int requests, int tokens) {
        assertThat(registry().registryRequests()).as(seen()).hasSize(requests);
        assertThat(registry().tokenRequests()).as(seen()).hasSize(tokens);
    }

    private void got(Integer... expected) {
        assertThat(statuses).as(seen()).containsExactly(expected);
    }

    private String seen() {
        return internet.asked().stream().map(Asked::toString).collect(Collectors.joining("\n", "\n", "\n"));
    }

    private void stored() {
        Image image = registry().closedImage();
        await().until(() -> cache().cache()
                .stored("blobs")
                .containsAll(List.of(image.layer().hex(), image.config().hex())));
    }

    private void passwordChanges() {
        registry().accounts().change(new Login(registry().accounts().login().user(), LoginSimulator.MARK + "-changed"));
        registry().tokens().expireAll();
    }

    /** Nothing is closed in ECR Public and the plain registry. */
    @ParameterizedTest(name = "{0}: cold {1} and {2}, again after 15 min {3} and {4}, wrong password {5} and {6}: {7}")
    @CsvSource(delimiter = '|', textBlock = """
            # registry            | cold | tokens | later | tokens | wrong | tokens | status
            DOCKER_HUB            |  7   | 2      | 4     | 2      | 1     | 1      | 401
            GHCR                  |  6   | 2      | 3     | 2      | 1     | 1      | 403
            QUAY                  |  7   | 2      | 4     | 2      | 1     | 1      | 401
            GITLAB                |  6   | 2      | 3     | 2      | 1     | 1      | 401
            HARBOR                |  7   | 2      | 4     | 1      | 2     | 1      | 403
            ARTIFACTORY_BASIC     |  6   | 0      | 2     | 0      | 2     | 0      | 401
            ARTIFACTORY_BEARER    |  7   | 2      | 4     | 1      | 1     | 1      | 401
            ECR                   |  6   | 0      | 2     | 0      | 2     | 0      | 403
            ARTIFACT_REGISTRY     |  7   | 2      | 4     | 2      | 1     | 1      | 401
            GCR                   |  7   | 2      | 4     | 1      | 1     | 1      | 401
            ACR                   |  6   | 2      | 3     | 2      | 1     | 1      | 401
            REGISTRY_HTPASSWD     |  6   | 0      | 2     | 0      | 2     | 0      | 401
            REGISTRY_TOKEN_SERVER |  7   | 2      | 4     | 2      | 1     | 1      | 401
            ZOT_BASIC             |  6   | 0      | 2     | 0      | 2     | 0      | 401
            ZOT_BEARER            |  7   | 2      | 4     | 2      | 1     | 1      | 401
            """)
    void flow(
            Simulators which,
            int cold,
            int coldTokens,
            int later,
            int laterTokens,
            int wrong,
            int wrongTokens,
            int refused)
            throws Exception {
        start(which);
        Login right = registry().accounts().login();

        pull(right);
        got(401, 200);
        costs(cold, coldTokens);
        stored();

        // By tag and by digest, a second client with the same login included.
        pull(right);
        got(401, 200);
        costs(0, 0);

        // Who shows another one is asked about, once.
        pull(registry().wrongLogin());
        got(401, refused);
        costs(wrong, wrongTokens);
        pull(registry().wrongLogin());
        got(401, refused);
        costs(0, 0);

        clock.advance(FRESH.minusSeconds(1));
        pull(right);
        got(401, 200);
        costs(0, 0);

        clock.advance(Duration.ofSeconds(1));
        pull(right);
        got(401, 200);
        costs(later, laterTokens);

        credentialsWentOnlyWhereTheyBelong();
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.EXCLUDE,
            names = {"ECR_PUBLIC", "PLAIN"})
    void outages(Simulators which) throws Exception {
        start(which);
        Login right = registry().accounts().login();
        pull(right);
        stored();

        registry().fail(true, false);
        clock.advance(FRESH);
        pull(right);
        got(401, 200);
        registry().fail(false, true);
        clock.advance(FRESH);
        pull(right);
        got(401, 200);

        registry().fail(true, true);
        cache().cache().restart();
        pull(right);
        got(401, 200);
        pull(registry().wrongLogin());
        got(401, 503);
        pull(new Login("stranger", LoginSimulator.MARK));
        got(401, 503);
        clock.advance(Duration.ofHours(23).minus(FRESH.multipliedBy(2)));
        pull(right);
        got(401, 200);
        clock.advance(Duration.ofHours(2));
        pull(right);
        got(503);

        registry().fail(false, false);
        clock.advance(Duration.ofSeconds(15));
        pull(right);
        got(401, 200);
        passwordChanges();
        clock.advance(FRESH);
        pull(right);
        assertThat(statuses.getLast()).as(seen()).isIn(401, 403);
        // Not even while it is down.
        registry().fail(true, true);
        clock.advance(Duration.ofMinutes(2));
        pull(right);
        assertThat(statuses.getLast()).as(seen()).isEqualTo(503);
    }

    private void credentialsWentOnlyWhereTheyBelong() {
        Set<String> mayKnow =
                new java.util.HashSet<>(Set.of(registry().place().url().getHost()));
        registry().place().realm().ifPresent(realm -> mayKnow.add(realm.getHost()));
        assertThat(internet.asked()).allSatisfy(asked -> {
            assertThat(asked.scheme()).isEqualTo("https");
            if (!mayKnow.contains(asked.host())) {
                assertThat(asked.authorization()).as(asked.toString()).isEmpty();
            }
        });
    }
}
