package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How many of the disk's threads there may be. */
class DiskThreadsTest {

    private final DiskThreads threads = new DiskThreads();
    private final CountDownLatch over = new CountDownLatch(1);

    @AfterEach
    void end() {
        over.countDown();
        threads.shutdownNow();
    }

    /** As many as that many fills take, each until its end. */
    private void hold(int fills) {
        for (int n = 0; n < fills; n++) {
            threads.execute(() -> {
                try {
                    over.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }
    }

    @Test
    void manyFills_leaveSomeForAllElse() {
        threads.enoughFor(200);
        hold(200);
        hold(64);
        assertThatThrownBy(() -> hold(1)).isInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void fewFills_takeNoneAway() {
        threads.enoughFor(1);
        assertThat(threads.getMaximumPoolSize()).isEqualTo(128);
        hold(128);
        assertThatThrownBy(() -> hold(1)).isInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void settingsThatChange_countAtOnce() {
        threads.enoughFor(1_000);
        hold(500);
        threads.enoughFor(1);
        assertThatThrownBy(() -> hold(1)).isInstanceOf(RejectedExecutionException.class);
        threads.enoughFor(500);
        hold(64);
    }
}
