package dev.larder.nodecache.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.Callers;
import dev.larder.nodecache.fake.SelfSigned;
import dev.larder.nodecache.fake.SettableClock;
import dev.larder.nodecache.fake.TokenMaker;
import dev.larder.nodecache.oci.RegistryHost;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.source.Caller;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which tokens that the upstream never saw are let in, by those it took. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TokenIssuersTest {

    private static final RepositoryName NAME = new RepositoryName("team/app");
    private static final RepositoryKey APP = new RepositoryKey(RegistryHost.parse("registry.test"), NAME);
    private static final RepositoryName OTHER = new RepositoryName("team/other");

    private final SettableClock clock = new SettableClock();
    private final TokenMaker issuer;
    private final TokenMaker forger;
    private Verdicts verdicts = new Verdicts(clock);

    TokenIssuersTest(@TempDir Path folder) throws Exception {
        issuer = new TokenMaker(SelfSigned.make(folder, "issuer"));
        forger = new TokenMaker(SelfSigned.make(folder, "forger"));
    }

    @BeforeEach
    void nothingKnown() {
        verdicts = new Verdicts(clock);
    }

    private static Caller bearer(String token) {
        return Callers.showing("Bearer " + token);
    }

    private Instant soon() {
        return clock.instant().plus(Duration.ofMinutes(5));
    }

    private String token() throws GeneralSecurityException {
        return issuer.token("team/app", soon());
    }

    private boolean wouldAdmit(String token) {
        return verdicts.wouldAdmit(APP, NAME, bearer(token));
    }

    @Test
    void nextTokenOfAnIssuer_isGoodWithoutAsking_untilItExpires() throws Exception {
        assertThat(wouldAdmit(token())).isFalse();
        verdicts.admitted(APP, bearer(token()));
        String next = token();
        assertThat(verdicts.admits(APP, bearer(next))).isFalse();
        assertThat(wouldAdmit(next)).isTrue();
        assertThat(verdicts.admits(APP, bearer(next))).isTrue();
        clock.advance(Duration.ofMinutes(5));
        assertThat(verdicts.admits(APP, bearer(next))).isFalse();
        assertThat(wouldAdmit(next)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "team/app"       | "team/other"
            "team/app"       | "team/app/more"
            "pull"           | "push"
            "pull"           | {"pull":1}
            "repository"     | "repository(plugin)"
            "repository"     | 1
            "access"         | "accesses"
            "access"         | "access":{"exp":1},"more"
            "push"           | ["pull"],"pull"
            "tokens.test"    | "others.test"
            "tokens.test"    | null
            "registry.test"  | "other.test"
            "registry.test"  | ["registry.test","other.test"]
            "iss"            | "exp":1,"iss"
            "iss"            | "exp":99999999999,"iss"
            "iss"            | "crit":["iss"],"iss"
            "exp"            | "expires"
            "nbf"            | "nbf":99999999999,"old"
            """)
    void tokenThatSaysAnythingElse_isAskedAbout(String instead, String of) throws Exception {
        verdicts.admitted(APP, bearer(token()));
        String claims = TokenMaker.claims("team/app", soon());
        assertThat(claims).contains(instead);
        assertThat(wouldAdmit(issuer.token(claims.replace(instead, of)))).isFalse();
        assertThat(wouldAdmit(issuer.token(claims))).isTrue();
    }

    @Test
    void forgedToken_isAskedAbout() throws Exception {
        String real = token();
        verdicts.admitted(APP, bearer(real));
        String forged = forger.token("team/app", soon());
        String[] parts = real.split("\\.", -1);
        String[] other = forged.split("\\.", -1);
        assertThat(wouldAdmit(forged)).isFalse();
        // The real certificate over a signature of another key, over none, and real words over other ones.
        assertThat(wouldAdmit(parts[0] + "." + other[1] + "." + other[2])).isFalse();
        assertThat(wouldAdmit(parts[0] + "." + other[1] + "." + parts[2])).isFalse();
        assertThat(wouldAdmit(parts[0] + "." + other[1] + ".")).isFalse();
        assertThat(wouldAdmit(issuer.sign("{\"alg\":\"none\"}", TokenMaker.claims("team/app", soon()))))
                .isFalse();
    }

    @Test
    void tokenThatItsCertificateDidNotSign_teachesNothing() throws Exception {
        String[] parts = token().split("\\.", -1);
        String[] other = forger.token("team/app", soon()).split("\\.", -1);
        verdicts.admitted(APP, bearer(parts[0] + "." + other[1] + "." + other[2]));
        assertThat(wouldAdmit(token())).isFalse();
    }

    @Test
    void issuersBeyondTheBound_areForgotten() throws Exception {
        verdicts.admitted(APP, bearer(token()));
        for (int i = 0; i < TokenIssuers.CAPACITY - 1; i++) {
            String claims = TokenMaker.claims("team/app", soon()).replace("tokens.test", "tokens" + i + ".test");
            verdicts.admitted(APP, bearer(issuer.token(claims)));
        }
        assertThat(wouldAdmit(token())).isTrue();
        String last = TokenMaker.claims("team/app", soon()).replace("tokens.test", "last.test");
        verdicts.admitted(APP, bearer(issuer.token(last)));
        assertThat(wouldAdmit(token())).isFalse();
    }

    @Test
    void issuer_isBelievedAboutItsRepositoryForADay() throws Exception {
        verdicts.admitted(APP, bearer(token()));
        RepositoryKey elsewhere = new RepositoryKey(RegistryHost.parse("other.test"), NAME);
        assertThat(verdicts.wouldAdmit(elsewhere, NAME, bearer(token()))).isFalse();
        RepositoryKey other = new RepositoryKey(APP.registry(), OTHER);
        assertThat(verdicts.wouldAdmit(other, OTHER, bearer(issuer.token("team/other", soon()))))
                .isFalse();
        clock.advance(TokenIssuers.BELIEVED.minusSeconds(1));
        assertThat(wouldAdmit(token())).isTrue();
        clock.advance(Duration.ofSeconds(1));
        assertThat(wouldAdmit(token())).isFalse();
    }

    @Test
    void goodTokenThatTheUpstreamRefuses_endsTheBelief_andABadOneDoesNot() throws Exception {
        verdicts.admitted(APP, bearer(token()));
        verdicts.refused(APP, bearer(forger.token("team/app", soon())));
        verdicts.refused(APP, bearer(issuer.token("team/app", clock.instant())));
        verdicts.refused(APP, bearer(issuer.token("team/other", soon())));
        assertThat(wouldAdmit(token())).isTrue();
        verdicts.refused(APP, bearer(token()));
        assertThat(wouldAdmit(token())).isFalse();
    }
}
