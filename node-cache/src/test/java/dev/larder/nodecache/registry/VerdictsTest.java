package dev.larder.nodecache.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.Callers;
import dev.larder.nodecache.fake.SettableClock;
import dev.larder.nodecache.oci.RegistryHost;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.source.Caller;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerdictsTest {

    private static final RepositoryKey APP =
            new RepositoryKey(RegistryHost.parse("registry.test"), new RepositoryName("team/app"));

    private final SettableClock clock = new SettableClock();
    private final Verdicts verdicts = new Verdicts(clock);

    private static Caller bearer(String claims) {
        String payload =
                Base64.getUrlEncoder().withoutPadding().encodeToString(claims.getBytes(StandardCharsets.UTF_8));
        return Callers.showing("Bearer e30." + payload + ".c2ln");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"exp":%d}            |  300 |  300
            { "exp" : %d, "a":1 } |  300 |  300
            {"exp":%d}            | 7200 | 3600
            {"exp":%d}            |   -5 |    0
            {"nbf":%d}            |  300 |   60
            {"exp":"%d"}          |  300 |   60
            {"exp":99999999999%d} |  300 |   60
            no json               |  300 |   60
            """)
    void verdict_lastsAsLongAsTheTokenSays(String claims, long expiresIn, long lasts) {
        Caller caller =
                bearer(claims.formatted(clock.instant().plusSeconds(expiresIn).getEpochSecond()));
        verdicts.admitted(APP, caller);
        if (lasts > 0) {
            clock.advance(Duration.ofSeconds(lasts - 1));
            assertThat(verdicts.admits(APP, caller)).isTrue();
            clock.advance(Duration.ofSeconds(1));
        }
        assertThat(verdicts.admits(APP, caller)).isFalse();
    }

    @Test
    void whoShowsNothing_isNeverAdmitted() {
        verdicts.admitted(APP, Caller.ANONYMOUS);
        assertThat(verdicts.admits(APP, Caller.ANONYMOUS)).isFalse();
    }

    @Test
    void refusal_endsTheVerdict() {
        Caller caller = Callers.showing("Basic YTpi");
        verdicts.admitted(APP, caller);
        assertThat(verdicts.admits(APP, caller)).isTrue();
        assertThat(verdicts.admits(APP, Callers.showing("Basic YTpj"))).isFalse();
        verdicts.refused(APP, caller);
        assertThat(verdicts.admits(APP, caller)).isFalse();
    }

    @Test
    void oldestVerdicts_giveWay() {
        Caller first = Callers.showing("Bearer 0");
        verdicts.admitted(APP, first);
        for (int i = 1; i <= Verdicts.CAPACITY; i++) {
            verdicts.admitted(APP, Callers.showing("Bearer " + i));
        }
        assertThat(verdicts.admits(APP, first)).isFalse();
        assertThat(verdicts.admits(APP, Callers.showing("Bearer " + Verdicts.CAPACITY)))
                .isTrue();
    }
}
