package dev.larder.nodecache.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.fake.SettableClock;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.source.SourceResult.Found;
import dev.larder.nodecache.source.SourceResult.NotFound;
import dev.larder.nodecache.source.SourceResult.Unavailable;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SourceChainTest {

    private static final RepositoryName REPOSITORY = new RepositoryName("library/app");
    private static final Digest DIGEST = Digest.sha256(new byte[] {1});
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final SettableClock clock = new SettableClock();
    private final Fake first = new Fake("first");
    private final Fake second = new Fake("second");
    private final SourceChain chain = new SourceChain(
            List.of(first.source, second.source),
            new FirstByteBudget(LIMIT, List.of(Optional.empty(), Optional.empty())),
            clock);

    /** Answers every request alike. */
    private static final class Fake {
        final String host;
        SourceResult<Long> answer = new NotFound<>("not here");
        final ContentSource source = (ContentSource) Proxy.newProxyInstance(
                Fake.class.getClassLoader(), new Class<?>[] {ContentSource.class}, (proxy, method, args) -> answer);

        Fake(String host) {
            this.host = host;
        }

        void challenges() {
            answer = new Unavailable<>(new UpstreamFailure(
                    UpstreamFailure.Kind.UNAUTHORIZED, host, "who is it", List.of("Basic realm=" + host), null));
        }

        void isDown() {
            answer = new Unavailable<>(new UpstreamFailure(UpstreamFailure.Kind.UNREACHABLE, host, "it is down"));
        }
    }

    private UpstreamFailure refusal() throws InterruptedException {
        SourceResult<Long> result = chain.headBlob(REPOSITORY, DIGEST, Caller.ANONYMOUS, Deadline.in(LIMIT));
        assertThat(result).isInstanceOf(Unavailable.class);
        return ((Unavailable<Long>) result).failure();
    }

    private void secondIsTheChallenger() throws InterruptedException {
        first.isDown();
        second.challenges();
        assertThat(refusal().challenges()).containsExactly("Basic realm=second");
        first.challenges();
        clock.advance(Duration.ofMinutes(1));
    }

    @Test
    void clientsAreShownTheChallengeOfTheOneThatGetsTheirLogin() throws InterruptedException {
        secondIsTheChallenger();
        assertThat(refusal().challenges()).containsExactly("Basic realm=second");
    }

    @Test
    void challengeOfAnother_isARefusal_unlessTheChallengerIsInTrouble() throws InterruptedException {
        secondIsTheChallenger();
        second.answer = new NotFound<>("not here");
        assertThat(refusal().kind()).isEqualTo(UpstreamFailure.Kind.DENIED);
        second.isDown();
        assertThat(refusal().kind()).isEqualTo(UpstreamFailure.Kind.UNREACHABLE);
        second.answer = new Found<>(1L, new SourceResult.Audience.OnlyCaller(Instant.EPOCH));
        assertThat(chain.headBlob(REPOSITORY, DIGEST, Caller.ANONYMOUS, Deadline.in(LIMIT)))
                .isInstanceOf(Found.class);
    }
}
