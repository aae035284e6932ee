package dev.larder.operator.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.operator.cloud.CloudLogins.Current;
import dev.larder.operator.cloud.CloudLogins.Held;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CloudLoginsTest {

    private static final CloudIdentity ECR = new CloudIdentity.Ecr("eu-central-1", null);
    private static final CloudIdentity GAR = new CloudIdentity.Google(null);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final SettableClock clock = new SettableClock();
    private final PlayedSource clouds = new PlayedSource(clock);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CloudLogins logins = clouds.logins(threads, PATIENCE);

    @AfterEach
    void stop() {
        clouds.answers();
        threads.shutdownNow();
    }

    private Current current(CloudIdentity identity) throws InterruptedException {
        return Objects.requireNonNull(logins.current(List.of(identity)).get(identity));
    }

    private static String password(Current current) {
        Held held = current.held();
        return held == null ? "none" : held.login().password().reveal().replace("-" + PlayedSource.MARK, "");
    }

    @Test
    void login_isGotOnce_andRenewedAtHalfOfItsLife() throws Exception {
        Current first = current(ECR);
        assertThat(password(first)).isEqualTo("login-1");
        assertThat(first.failure()).isEmpty();
        assertThat(first.next()).isEqualTo(clock.instant().plus(Duration.ofHours(6)));
        clock.advance(Duration.ofHours(6).minusSeconds(1));
        assertThat(password(current(ECR))).isEqualTo("login-1");
        clock.advance(Duration.ofSeconds(1));
        assertThat(password(current(ECR))).isEqualTo("login-2");
        assertThat(clouds.asked()).hasSize(2);
    }

    @Test
    void sameIdentity_isOneRequest_alsoAtTheSameTime() throws Exception {
        clouds.hangs();
        CloudIdentity equal = new CloudIdentity.Ecr("eu-central-1", null);
        List<Future<Map<CloudIdentity, Current>>> answers = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            answers.add(threads.submit(() -> logins.current(List.of(ECR, equal, GAR))));
        }
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> clouds.asked().size() == 2);
        clouds.answers();
        for (Future<Map<CloudIdentity, Current>> answer : answers) {
            assertThat(answer.get(10, TimeUnit.SECONDS).values())
                    .allSatisfy(each -> assertThat(each.held()).isNotNull());
        }
        assertThat(clouds.asked()).hasSize(2);
    }

    @Test
    void failingRenewal_leavesTheOldLogin_untilItEnds() throws Exception {
        current(ECR);
        clouds.failsWith("no");
        clock.advance(Duration.ofHours(6));
        Current held = current(ECR);
        assertThat(password(held)).isEqualTo("login-1");
        assertThat(held.failure()).isEqualTo("no");
        clock.advance(Duration.ofHours(6));
        Current ended = current(ECR);
        assertThat(password(ended)).isEqualTo("none");
        assertThat(ended.failure()).isEqualTo("no");

        clouds.recovers();
        clock.advance(Duration.ofMinutes(10));
        Current back = current(ECR);
        assertThat(back.failure()).isEmpty();
        assertThat(back.held()).isNotNull();
    }

    @Test
    void failures_areTriedAgainLaterEachTime_butWithinTenMinutes() throws Exception {
        clouds.failsWith("no");
        List<Long> pauses = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            Current failed = current(ECR);
            pauses.add(Duration.between(clock.instant(), failed.next()).toSeconds());
            assertThat(clouds.asked()).hasSize(i + 1);
            current(ECR);
            assertThat(clouds.asked()).as("not before it is time").hasSize(i + 1);
            clock.advance(Duration.between(clock.instant(), failed.next()));
        }
        assertThat(pauses).containsExactly(10L, 20L, 40L, 80L, 160L, 320L, 600L, 600L, 600L);
    }

    @Test
    void jitter_staysWithinItsShare() {
        Instant now = clock.instant();
        Instant end = now.plus(Duration.ofHours(1));
        List<Long> renewals = IntStream.rangeClosed(0, 10)
                .mapToObj(i -> new RenewalPolicy(() -> i / 10.0).renewal(now, end))
                .map(at -> Duration.between(now, at).toMinutes())
                .toList();
        assertThat(renewals).startsWith(27L).endsWith(33L).isSorted();
    }

    @Test
    void tokenThatIsTheSameUntilItsEnd_isAskedForMoreAndMoreOften() throws Exception {
        Instant end = clock.instant().plus(Duration.ofHours(1));
        for (int i = 0; i < 8; i++) {
            clouds.lives(Duration.between(clock.instant(), end));
            Current now = current(GAR);
            assertThat(now.held()).isNotNull();
            assertThat(now.next()).isBefore(end);
            assertThat(now.next()).isAfterOrEqualTo(clock.instant().plusSeconds(27));
            clock.advance(Duration.between(clock.instant(), now.next()));
            if (Duration.between(clock.instant(), end).toSeconds() < 60) {
                return;
            }
        }
        assertThat(clouds.asked()).hasSizeLessThan(8);
    }

    @Test
    void loginThatHasEnded_isAFailure() throws Exception {
        clouds.lives(Duration.ofSeconds(-1));
        Current ended = current(ECR);
        assertThat(ended.held()).isNull();
        assertThat(ended.failure()).contains("ended at 2026-11-22T05:59:59Z").contains("compare the clocks");
    }

    @Test
    void cloudThatDoesNotAnswer_isNotWaitedForLonger_andIsThereTheNextTime() throws Exception {
        CloudLogins impatient = clouds.logins(threads, Duration.ofMillis(200));
        clouds.hangs();
        Current none = Objects.requireNonNull(impatient.current(List.of(ECR)).get(ECR));
        assertThat(none.held()).isNull();
        assertThat(none.failure()).contains("no answer within");
        clouds.answers();
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() ->
                        Objects.requireNonNull(impatient.current(List.of(ECR)).get(ECR))
                                        .held()
                                != null);
        assertThat(clouds.asked()).hasSize(1);
    }

    @Test
    void restoredLogin_needsNoRequestUntilItIsDue() throws Exception {
        Instant end = clock.instant().plus(Duration.ofHours(4));
        Held held = new Held(
                new RegistryLogin("user", new SecretText("restored"), end),
                clock.instant().plus(Duration.ofHours(1)));
        logins.restore(ECR, held);
        assertThat(password(current(ECR))).isEqualTo("restored");
        assertThat(clouds.asked()).isEmpty();
        clock.advance(Duration.ofHours(1));
        assertThat(password(current(ECR))).isEqualTo("login-1");
        logins.restore(ECR, held);
        assertThat(password(current(ECR))).as("a newer one stays").isEqualTo("login-1");
    }

    @Test
    void nothingSecret_isInAnyText() throws Exception {
        assertThat(current(ECR).toString()).doesNotContain(PlayedSource.MARK);
        assertThat(new CloudKeys("keys", Map.of("a", new SecretText(PlayedSource.MARK))).toString())
                .doesNotContain(PlayedSource.MARK);
        assertThat(Redaction.of(
                        "bad eyJhbGciOi.eyJzdWIi.c2ln and ya29.a0AfH, key " + PlayedSource.MARK + "\n next",
                        PlayedSource.MARK))
                .isEqualTo("bad *** and ***, key *** next");
        assertThat(Redaction.of("x".repeat(1000))).hasSize(400);
    }
}
