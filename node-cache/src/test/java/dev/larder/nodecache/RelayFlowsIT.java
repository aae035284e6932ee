package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.login.ContainerdClient;
import dev.larder.nodecache.fake.login.Internet;
import dev.larder.nodecache.fake.login.Login;
import dev.larder.nodecache.fake.login.LoginSimulator;
import dev.larder.nodecache.fake.login.Simulators;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/**
 * What is closed, pulled with the client's own login by {@code access: Relay}: the challenge reaches containerd, which logs in
 * at the registry's own token server and shows the node cache a token only; where there is no token server, the password.
 */
class RelayFlowsIT {

    @TempDir
    Path folder;

    private final Internet internet = new Internet();

    @AfterEach
    void stop() {
        internet.close();
    }

    /** Nothing is closed in two of them, and zot's realm, a path, is none that containerd can ask. */
    @ParameterizedTest
    @EnumSource(
            mode = Mode.EXCLUDE,
            names = {"ECR_PUBLIC", "PLAIN", "ZOT_BEARER"})
    void clientsLogin_opensWhatIsClosed(Simulators which) throws Exception {
        LoginSimulator registry = which.in(internet);
        Login right = registry.accounts().login();
        try (LoginCache cache = LoginCache.relay(folder, registry)) {
            List<HttpResponse<byte[]>> refused = cache.pullClosed();
            assertThat(LoginCache.statuses(refused)).containsOnly(401);
            List<String> challenges = refused.getFirst().headers().allValues("WWW-Authenticate");
            String token = new ContainerdClient(internet, right)
                    .answer(challenges, registry.closedRepository())
                    .orElseThrow();
            List<HttpResponse<byte[]>> answers = cache.pullClosed("Authorization", token);
            assertThat(LoginCache.statuses(answers))
                    .as(internet.asked().toString())
                    .containsOnly(200);
            assertThat(answers.getLast().body())
                    .isEqualTo(registry.closedImage().layerBytes());
            Optional<String> wrong = new ContainerdClient(internet, registry.wrongLogin())
                    .answer(challenges, registry.closedRepository());
            if (wrong.isPresent()) {
                assertThat(LoginCache.statuses(cache.pullClosed("Authorization", wrong.get())))
                        .isSubsetOf(401, 403);
            }
        }
        boolean hasTokenServer = registry.place().realm().isPresent();
        assertThat(internet.asked())
                .filteredOn(asked -> "larder-node-cache".equals(asked.headers().get("user-agent")))
                .allSatisfy(asked -> {
                    assertThat(asked.authorization().startsWith("Basic") && hasTokenServer)
                            .as(asked.toString())
                            .isFalse();
                    assertThat(asked.method()).isNotEqualTo("POST");
                });
    }
}
