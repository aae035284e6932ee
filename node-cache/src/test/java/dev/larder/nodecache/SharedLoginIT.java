package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.login.Internet;
import dev.larder.nodecache.fake.login.Login;
import dev.larder.nodecache.fake.login.LoginSimulator;
import dev.larder.nodecache.fake.login.Simulators;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The operator-given login of {@code access: Shared} while it changes, and while it is wrong. */
class SharedLoginIT {

    @TempDir
    Path folder;

    private final Internet internet = new Internet();

    @AfterEach
    void stop() {
        internet.close();
    }

    @ParameterizedTest
    @EnumSource(
            value = Simulators.class,
            names = {"REGISTRY_HTPASSWD", "REGISTRY_TOKEN_SERVER"})
    void newPassword_isUsedOnceTheSecretHasIt(Simulators which) throws Exception {
        LoginSimulator registry = which.in(internet);
        try (LoginCache cache =
                LoginCache.shared(folder, registry, registry.accounts().login())) {
            assertThat(LoginCache.statuses(cache.resolve(registry.closedRepository(), registry.closedImage())))
                    .containsOnly(200);
            Login next = new Login(registry.accounts().login().user(), LoginSimulator.MARK + "-next");
            registry.accounts().change(next);
            registry.tokens().expireAll();
            cache.secret(config(registry, next));
            assertThat(LoginCache.statuses(cache.fetch(registry.closedRepository(), registry.closedImage())))
                    .containsOnly(200);
            assertThat(cache.credentials()).isEqualTo("Valid");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Simulators.class,
            names = {"REGISTRY_HTPASSWD", "REGISTRY_TOKEN_SERVER"})
    void wrongPassword_sendsTheClientOn_untilTheSecretIsRight(Simulators which) throws Exception {
        LoginSimulator registry = which.in(internet);
        try (LoginCache cache = LoginCache.shared(folder, registry, registry.wrongLogin())) {
            List<HttpResponse<byte[]>> refused = cache.pullClosed();
            // With a challenge, containerd would show the pod's own password here; without one, it asks its next host.
            assertThat(refused).allSatisfy(answer -> {
                assertThat(answer.statusCode()).isEqualTo(403);
                assertThat(answer.headers().firstValue("WWW-Authenticate")).isEmpty();
            });
            assertThat(cache.credentials()).isEqualTo("Invalid");

            cache.secret(config(registry, registry.accounts().login()));
            assertThat(cache.credentials())
                    .as("of a login that nobody has tried")
                    .isEqualTo("Unknown");
            assertThat(LoginCache.statuses(cache.pullClosed())).containsOnly(200);
            assertThat(cache.credentials()).isEqualTo("Valid");
        }
    }

    @Test
    void passwordThatIsWrongFromNowOn_isSaidAfterItsFirstRefusal() throws Exception {
        LoginSimulator registry = Simulators.REGISTRY_HTPASSWD.in(internet);
        try (LoginCache cache =
                LoginCache.shared(folder, registry, registry.accounts().login())) {
            cache.resolve(registry.closedRepository(), registry.closedImage());
            assertThat(cache.credentials()).isEqualTo("Valid");
            cache.secret(config(registry, registry.wrongLogin()));
            // Of a repository where the login of before was good, so that the new one is shown without a challenge.
            assertThat(cache.fetchConfig(registry.closedRepository(), registry.closedImage())
                            .statusCode())
                    .isEqualTo(403);
            assertThat(cache.credentials()).isEqualTo("Invalid");
        }
    }

    private static String config(LoginSimulator registry, Login login) {
        return login.dockerConfig(registry.place().url().getHost());
    }
}
