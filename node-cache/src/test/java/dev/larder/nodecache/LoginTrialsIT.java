package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.SettableClock;
import dev.larder.nodecache.fake.login.Internet;
import dev.larder.nodecache.fake.login.Login;
import dev.larder.nodecache.fake.login.LoginSimulator;
import dev.larder.nodecache.fake.login.Simulators;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** No account is locked at its registry because of who guesses here, and no right login waits for somebody else's wrong ones. */
class LoginTrialsIT {

    private static final int ALLOWED = 3;

    @TempDir
    Path folder;

    private final Internet internet = new Internet();
    private final SettableClock clock = new SettableClock();
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

    private int head(Login login) throws Exception {
        String path = "/v2/" + registry().closedRepository() + "/manifests/v1?ns="
                + registry().place().imageHost();
        return cache().cache().head(path, "Authorization", login.basic()).statusCode();
    }

    private Login guess(int number) {
        return new Login(registry().accounts().login().user(), "guess " + number);
    }

    /** Requests that showed a wrong password, to whoever judges it. */
    private long wrongOnes(Login right) {
        return internet.asked().stream()
                .map(asked -> asked.authorization())
                .filter(shown -> shown.startsWith("Basic ") && !shown.equals(right.basic()))
                .count();
    }

    @ParameterizedTest
    @EnumSource(names = {"REGISTRY_TOKEN_SERVER", "HARBOR", "GHCR", "REGISTRY_HTPASSWD", "ZOT_BASIC"})
    void wrongLogins_areShownAFewTimesOnly_andTheRightOneGoesOn(Simulators which) throws Exception {
        start(which);
        Login right = registry().accounts().login();
        assertThat(head(right)).isEqualTo(200);
        for (int i = 0; i < 12; i++) {
            int status = head(guess(i));
            assertThat(status).isIn(i < ALLOWED ? List.of(401, 403) : List.of(503));
        }
        assertThat(wrongOnes(right)).isEqualTo(ALLOWED);
        // What was refused is refused still, and the right one gets what is not here yet.
        assertThat(head(guess(0))).isIn(401, 403);
        assertThat(LoginCache.statuses(cache().pullClosed("Authorization", right.basic())))
                .containsOnly(200);
        assertThat(head(new Login("somebody else", "guess"))).isIn(401, 403);

        clock.advance(Duration.ofMinutes(15));
        assertThat(head(guess(20))).isIn(401, 403);
        assertThat(head(right)).isEqualTo(200);
    }

    @ParameterizedTest
    @EnumSource(names = {"REGISTRY_TOKEN_SERVER", "REGISTRY_HTPASSWD"})
    void manyGuessesAtOnce_areNoMore_andOneLoginFromManySidesIsShownOnce(Simulators which) throws Exception {
        start(which);
        Login right = registry().accounts().login();
        assertThat(head(right)).isEqualTo(200);
        List<Callable<Integer>> guesses = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            int number = i;
            guesses.add(() -> head(guess(number)));
        }
        assertThat(together(guesses)).doesNotContain(200);
        assertThat(wrongOnes(right)).isLessThanOrEqualTo(ALLOWED);

        clock.advance(Duration.ofMinutes(15));
        internet.forget();
        List<Callable<Integer>> same = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            String path = "/v2/" + registry().closedRepository() + "/blobs/"
                    + registry().closedImage().layer() + "?ns="
                    + registry().place().imageHost();
            same.add(() -> cache().cache()
                    .get(path, "Authorization", guess(100).basic())
                    .statusCode());
        }
        assertThat(together(same)).containsOnly(401);
        assertThat(wrongOnes(right)).isEqualTo(1);
    }

    private static List<Integer> together(List<Callable<Integer>> calls) throws Exception {
        List<Integer> statuses = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Integer> each : threads.invokeAll(calls, 60, TimeUnit.SECONDS)) {
                statuses.add(each.get());
            }
        }
        return statuses;
    }

    @ParameterizedTest
    @EnumSource(names = "GCR")
    void changedPassword_isNoticedWithinTheBound_thoughTheTokenWasUsedLately(Simulators which) throws Exception {
        start(which);
        Login right = registry().accounts().login();
        assertThat(head(right)).isEqualTo(200);
        clock.advance(Duration.ofMinutes(14));
        // Not here yet, so the token of 14 minutes ago is used, which says nothing of the password now.
        List<HttpResponse<byte[]>> cold = cache().pullClosed("Authorization", right.basic());
        assertThat(LoginCache.statuses(cold)).containsOnly(200);
        await().until(() -> cache().cache()
                .stored("blobs")
                .contains(registry().closedImage().layer().hex()));
        registry().accounts().change(new Login(right.user(), "another"));
        clock.advance(Duration.ofMinutes(1));
        List<HttpResponse<byte[]>> after = cache().pullClosed("Authorization", right.basic());
        assertThat(LoginCache.statuses(after)).containsOnly(401);
        assertThat(new String(after.getLast().body(), StandardCharsets.UTF_8)).contains("refused this login");
    }
}
