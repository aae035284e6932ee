package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.login.Asked;
import dev.larder.nodecache.fake.login.Internet;
import dev.larder.nodecache.fake.login.LoginSimulator;
import dev.larder.nodecache.fake.login.Reply;
import dev.larder.nodecache.fake.login.Simulators;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The class of GHSA-chwm-m7g7-685g and GHSA-g2rq-jv54-wcpr (Dragonfly): whoever answers for an upstream has the node ask
 * what only the node may reach. What an upstream's name resolves to is the admin's business; what its answers name is not.
 * Names, where the node looks them up itself: PinnedRedirectIT.
 */
class ServerSideRequestForgeryIT {

    @TempDir
    Path folder;

    private final Internet internet = new Internet();
    private final LoginSimulator registry = Simulators.PLAIN.in(internet);
    private final FakeRegistry inside = new FakeRegistry();

    @AfterEach
    void stop() {
        internet.close();
        inside.close();
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "http://169.254.169.254/latest/meta-data/iam/security-credentials/",
                "https://169.254.169.254/x",
                "https://127.0.0.1:INSIDE/x",
                "https://127.1:INSIDE/x",
                "https://2130706433:INSIDE/x",
                "https://localhost:INSIDE/x",
                "https://[::1]:INSIDE/x",
                "https://[::ffff:127.0.0.1]:INSIDE/x",
                "https://[fd00:ec2::254]/x",
                "https://100.100.100.200/x",
                "https://0.0.0.0:INSIDE/x",
                "file:///etc/shadow",
                "gopher://127.0.0.1:INSIDE/x",
            })
    void redirectInto_theNode_isNotFollowed(String location) throws Exception {
        String target = location.replace("INSIDE", Integer.toString(inside.port()));
        internet.put("registry.example.com", asked -> Reply.redirect(307, target));
        try (LoginCache cache = LoginCache.relay(folder, registry)) {
            assertThat(LoginCache.statuses(cache.pullOpen())).containsOnly(502);
        }
        assertThat(internet.asked()).extracting(Asked::host).containsOnly("registry.example.com");
        assertThat(inside.requests()).isEmpty();
    }
}
