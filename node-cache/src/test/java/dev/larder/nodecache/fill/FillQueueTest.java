package dev.larder.nodecache.fill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.error.Overloaded;
import dev.larder.nodecache.fake.SettableClock;
import dev.larder.nodecache.oci.RegistryHost;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.source.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FillQueueTest {

    private static final RepositoryKey BIG = key("docker.io", "library/big");
    private static final RepositoryKey SMALL = key("docker.io", "library/small");
    private static final RepositoryKey ELSEWHERE = key("quay.io", "org/app");

    private final SettableClock clock = new SettableClock();
    private final List<Thread> waiting = new ArrayList<>();
    private final BlockingQueue<Entered> entered = new LinkedBlockingQueue<>();

    private record Entered(String who, FillQueue.Place place) {}

    private static RepositoryKey key(String registry, String repository) {
        return new RepositoryKey(new RegistryHost(registry), new RepositoryName(repository));
    }

    private FillQueue queue(int total, int perRegistry) {
        return new FillQueue(clock, new FillQueue.Limits(total, perRegistry));
    }

    private static Deadline soon() {
        return Deadline.in(Duration.ofSeconds(10));
    }

    /** Waits in a thread of its own; returns when it stands in line. */
    private void line(FillQueue queue, String who, RepositoryKey repository) {
        int before = queue.waiting();
        waiting.add(Thread.ofVirtual().start(() -> {
            try {
                entered.add(new Entered(who, queue.enter(repository, false, Deadline.in(Duration.ofSeconds(15)))));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }));
        await().until(() -> queue.waiting() == before + 1);
    }

    private Entered next() throws InterruptedException {
        Entered next = entered.poll(10, TimeUnit.SECONDS);
        assertThat(next).isNotNull();
        return next;
    }

    @AfterEach
    void end() {
        waiting.forEach(Thread::interrupt);
    }

    @Test
    void repositoriesTakeTurns() throws Exception {
        FillQueue queue = queue(1, 1);
        FillQueue.Place first = queue.enter(BIG, false, soon());
        line(queue, "big 1", BIG);
        line(queue, "big 2", BIG);
        line(queue, "big 3", BIG);
        line(queue, "small 1", SMALL);
        line(queue, "elsewhere 1", ELSEWHERE);
        first.close();
        List<String> order = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Entered entered = next();
            assertThat(queue.running()).isEqualTo(1);
            order.add(entered.who());
            entered.place().close();
        }
        assertThat(order).containsExactly("big 1", "small 1", "elsewhere 1", "big 2", "big 3");
        assertThat(queue.running()).isZero();
    }

    @Test
    void aRegistryAtItsBound_holdsUpNoOther() throws Exception {
        FillQueue queue = queue(3, 1);
        FillQueue.Place docker = queue.enter(BIG, false, soon());
        line(queue, "small", SMALL);
        assertThat(queue.enter(ELSEWHERE, false, soon())).isNotNull();
        assertThat(queue.running()).isEqualTo(2);
        docker.close();
        assertThat(next().who()).isEqualTo("small");
    }

    @Test
    void whoFindsAFreePlace_isNotRefusedForALineThatCannotUseIt() throws Exception {
        FillQueue queue = queue(3, 1);
        assertThat(queue.enter(BIG, false, soon())).isNotNull();
        clock.advance(Duration.ofSeconds(8));
        line(queue, "small", SMALL);
        clock.advance(Duration.ofSeconds(12));
        assertThat(queue.enter(ELSEWHERE, false, soon())).isNotNull();
        assertThat(queue.waiting()).isEqualTo(1);
    }

    @Test
    void aPlaceClosedTwice_isGivenBackOnce() throws Exception {
        FillQueue queue = queue(2, 2);
        FillQueue.Place place = queue.enter(BIG, false, soon());
        assertThat(queue.enter(SMALL, false, soon())).isNotNull();
        place.close();
        place.close();
        assertThat(queue.running()).isEqualTo(1);
    }

    @Test
    void whatCannotBeginInTime_isRefusedAtOnce() throws Exception {
        FillQueue queue = queue(2, 1);
        assertThat(queue.enter(BIG, false, soon())).isNotNull();
        clock.advance(Duration.ofSeconds(11));
        assertThatThrownBy(() -> queue.enter(SMALL, false, soon()))
                .isInstanceOf(Overloaded.class)
                .hasMessageContaining("limits.fillsPerUpstream = 1");
        assertThat(queue.waiting()).isZero();
        FillQueue.Place other = queue.enter(ELSEWHERE, false, soon());
        clock.advance(Duration.ofSeconds(2));
        other.close();
        assertThat(queue.enter(ELSEWHERE, false, soon())).isNotNull();
    }

    @Test
    void howLongTheLatestTook_tellsHowLongTheLineIs() throws Exception {
        FillQueue queue = queue(1, 1);
        try (FillQueue.Place _ = queue.enter(BIG, false, soon())) {
            clock.advance(Duration.ofSeconds(6));
        }
        assertThat(queue.enter(BIG, false, soon())).isNotNull();
        line(queue, "second", BIG);
        line(queue, "third", BIG);
        long began = System.nanoTime();
        assertThatThrownBy(() -> queue.enter(BIG, false, soon())).isInstanceOf(Overloaded.class);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
        line(queue, "another repository's first, whose turn comes sooner", SMALL);
    }

    @Test
    void whoseTimeIsOver_leavesTheLine() throws Exception {
        FillQueue queue = queue(1, 1);
        FillQueue.Place place = queue.enter(BIG, false, soon());
        assertThatThrownBy(() -> queue.enter(SMALL, false, Deadline.in(Duration.ofMillis(20))))
                .isInstanceOf(Overloaded.class)
                .hasMessageContaining("raise it or pull less at once");
        assertThat(queue.waiting()).isZero();
        place.close();
        assertThat(queue.enter(SMALL, false, soon())).isNotNull();
    }

    @Test
    void whoIsInterrupted_leavesTheLine() throws Exception {
        FillQueue queue = queue(1, 1);
        FillQueue.Place place = queue.enter(BIG, false, soon());
        line(queue, "leaves", BIG);
        line(queue, "stays", BIG);
        waiting.getFirst().interrupt();
        await().until(() -> queue.waiting() == 1);
        place.close();
        assertThat(next().who()).isEqualTo("stays");
    }

    @Test
    void higherLimits_letTheLineIn() throws Exception {
        FillQueue queue = queue(1, 1);
        assertThat(queue.enter(BIG, false, soon())).isNotNull();
        line(queue, "second", BIG);
        queue.limits(new FillQueue.Limits(2, 2));
        assertThat(next().who()).isEqualTo("second");
        assertThat(queue.running()).isEqualTo(2);
    }

    @Test
    void whatIsHeldToARate_doesNotTellHowLongOthersTake() throws Exception {
        FillQueue queue = queue(2, 2);
        FillQueue.Place slow = queue.enter(BIG, true, soon());
        clock.advance(Duration.ofMinutes(10));
        FillQueue.Place quick = queue.enter(BIG, false, soon());
        clock.advance(Duration.ofSeconds(1));
        line(queue, "waits for the quick one", SMALL);
        assertThat(queue.running()).isEqualTo(2);
        quick.close();
        assertThat(next().who()).isEqualTo("waits for the quick one");
        slow.close();
        assertThat(queue.running()).isEqualTo(1);
        FillQueue.Place other = queue.enter(ELSEWHERE, false, soon());
        line(queue, "after the slow one has ended", BIG);
        other.close();
        assertThat(next().who()).isEqualTo("after the slow one has ended");
    }
}
