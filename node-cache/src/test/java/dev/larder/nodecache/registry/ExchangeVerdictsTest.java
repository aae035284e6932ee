package dev.larder.nodecache.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.error.UpstreamFailure.Kind;
import dev.larder.nodecache.fake.Callers;
import dev.larder.nodecache.fake.SettableClock;
import dev.larder.nodecache.oci.RegistryHost;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.source.Caller;
import dev.larder.nodecache.store.VerdictRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExchangeVerdictsTest {

    private static final Duration FRESH = Caller.LOGIN_COUNTS_FOR;
    private static final RepositoryKey APP = key("registry.test", "team/app");
    private static final RepositoryKey WEB = key("registry.test", "team/web");
    private static final RepositoryKey ELSEWHERE = key("other.test", "team/app");
    private static final Caller ANN = Callers.showing("Basic YW5uOmE=");
    private static final Caller BOB = Callers.showing("Basic Ym9iOmI=");

    private final SettableClock clock = new SettableClock();
    private ExchangeVerdicts verdicts = new ExchangeVerdicts(clock);

    private static RepositoryKey key(String registry, String repository) {
        return new RepositoryKey(RegistryHost.parse(registry), new RepositoryName(repository));
    }

    private static UpstreamFailure failure(Kind kind) {
        return new UpstreamFailure(kind, "registry.test", "no");
    }

    private void letIn(RepositoryKey repository) {
        verdicts.letIn(repository, ANN, clock.instant());
    }

    @Test
    void verdict_isForOneLoginAndOneRepository() {
        letIn(APP);
        assertThat(verdicts.admits(APP, ANN)).isTrue();
        assertThat(verdicts.admits(APP, BOB)).isFalse();
        assertThat(verdicts.admits(WEB, ANN)).isFalse();
        assertThat(verdicts.admits(ELSEWHERE, ANN)).isFalse();
        verdicts.letIn(APP, Caller.ANONYMOUS, clock.instant());
        assertThat(verdicts.stands(APP, Caller.ANONYMOUS)).isFalse();
    }

    @Test
    void verdict_countsForItsTime_andStandsForADay_fromWhenTheLoginWasShown() {
        clock.advance(Duration.ofMinutes(10));
        verdicts.letIn(APP, ANN, clock.instant().minus(Duration.ofMinutes(10)));
        clock.advance(Duration.ofMinutes(5).minusSeconds(1));
        assertThat(verdicts.admits(APP, ANN)).isTrue();
        assertThat(verdicts.anyLately(APP)).isTrue();
        clock.advance(Duration.ofSeconds(1));
        assertThat(verdicts.admits(APP, ANN)).isFalse();
        assertThat(verdicts.anyLately(APP)).isFalse();
        assertThat(verdicts.stands(APP, ANN)).isTrue();
        clock.advance(ExchangeVerdicts.STANDS.minus(FRESH).minusSeconds(1));
        assertThat(verdicts.stands(APP, ANN)).isTrue();
        assertThat(verdicts.anyStands(APP)).isTrue();
        clock.advance(Duration.ofSeconds(1));
        assertThat(verdicts.stands(APP, ANN)).isFalse();
        assertThat(verdicts.anyStands(APP)).isFalse();
    }

    @Test
    void olderNews_shortenNothing() {
        letIn(APP);
        verdicts.letIn(APP, ANN, clock.instant().minus(Duration.ofMinutes(10)));
        clock.advance(FRESH.minusSeconds(1));
        assertThat(verdicts.admits(APP, ANN)).isTrue();
    }

    @Test
    void askingInVain_givesAMomentsRest_asLongAsTheVerdictStands() {
        letIn(APP);
        clock.advance(FRESH);
        verdicts.askedInVain(APP, ANN);
        verdicts.askedInVain(APP, BOB);
        assertThat(verdicts.admits(APP, ANN)).isTrue();
        assertThat(verdicts.stands(APP, BOB)).isFalse();
        clock.advance(ExchangeVerdicts.LEFT_ALONE);
        assertThat(verdicts.admits(APP, ANN)).isFalse();
        clock.advance(ExchangeVerdicts.STANDS.minus(FRESH).minus(ExchangeVerdicts.LEFT_ALONE));
        verdicts.askedInVain(APP, ANN);
        assertThat(verdicts.admits(APP, ANN)).isFalse();
    }

    @Test
    void refusal_endsTheVerdict_andAWrongLoginAllOfTheRegistrys() {
        for (RepositoryKey each : List.of(APP, WEB, ELSEWHERE)) {
            letIn(each);
        }
        verdicts.letIn(APP, BOB, clock.instant());
        verdicts.refused(APP, ANN, failure(Kind.DENIED));
        assertThat(verdicts.stands(APP, ANN)).isFalse();
        assertThat(verdicts.admits(WEB, ANN)).isTrue();
        assertThat(verdicts.refusal(APP, ANN)).isPresent();
        assertThat(verdicts.refusal(WEB, ANN)).isEmpty();
        verdicts.refused(APP, ANN, failure(Kind.UNAUTHORIZED));
        assertThat(verdicts.stands(WEB, ANN)).isFalse();
        assertThat(verdicts.admits(ELSEWHERE, ANN)).isTrue();
        assertThat(verdicts.admits(APP, BOB)).isTrue();
        clock.advance(ExchangeVerdicts.REFUSED);
        assertThat(verdicts.refusal(APP, ANN)).isEmpty();
    }

    @Test
    void whatIsKept_isTakenUpByTheNextProcess_andOnlyOnce() {
        assertThat(verdicts.hasChanged()).isFalse();
        letIn(APP);
        assertThat(verdicts.hasChanged()).isTrue();
        assertThat(verdicts.hasChanged()).isFalse();
        letIn(APP);
        assertThat(verdicts.hasChanged()).as("a moment later").isFalse();
        List<VerdictRecord> kept = verdicts.all();
        verdicts = new ExchangeVerdicts(clock);
        verdicts.takeUp(kept);
        assertThat(verdicts.admits(APP, ANN)).isTrue();
        assertThat(verdicts.anyLately(APP)).isTrue();
        assertThat(verdicts.all()).isEqualTo(kept);
    }

    @Test
    void recordThatMakesNoSense_letsNobodyIn() {
        Instant now = clock.instant();
        String who = ANN.shown() == null ? "" : ANN.shown().identity().hex();
        verdicts.takeUp(List.of(
                new VerdictRecord(APP, who, now.minus(Duration.ofHours(25)), now.minus(Duration.ofHours(1))),
                new VerdictRecord(WEB, who, now.plus(Duration.ofHours(1)), now.plus(Duration.ofHours(25))),
                new VerdictRecord(ELSEWHERE, who, now.minus(Duration.ofHours(1)), now.plus(Duration.ofDays(30)))));
        assertThat(verdicts.all()).isEmpty();
    }

    @Test
    void clockThatIsPutBack_prolongsNothing() {
        letIn(APP);
        clock.advance(Duration.ofHours(-2));
        assertThat(verdicts.admits(APP, ANN)).isFalse();
        assertThat(verdicts.stands(APP, ANN)).isFalse();
    }

    @Test
    void oldestVerdicts_giveWay() {
        letIn(APP);
        for (int i = 0; i < ExchangeVerdicts.CAPACITY; i++) {
            verdicts.letIn(WEB, Callers.showing("Basic " + i), clock.instant());
        }
        assertThat(verdicts.admits(APP, ANN)).isFalse();
        assertThat(verdicts.all()).hasSize(ExchangeVerdicts.CAPACITY);
    }
}
