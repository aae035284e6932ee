package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeapTrimTest {

    private static final long MIB = 1 << 20;

    private long size = 16 * MIB;
    private long atRest = 20 * MIB;
    private int collections;
    private final HeapTrim heap = new HeapTrim(() -> size, () -> {
        collections++;
        size = atRest;
    });

    private void look(boolean busy, int times) {
        for (int i = 0; i < times; i++) {
            heap.look(busy);
        }
    }

    @Test
    void heapAsAtTheStart_isNotCollected() {
        look(false, 10);
        assertThat(collections).isZero();
    }

    @Test
    void grownHeap_isCollectedOnceItIsQuiet_andNotAgainUntilItHasGrownAgain() {
        size = 26 * MIB;
        look(true, 10);
        look(false, 2);
        assertThat(collections).isZero();
        look(false, 1);
        assertThat(collections).isEqualTo(1);

        look(false, 10);
        assertThat(collections).isEqualTo(1);
        size = 28 * MIB;
        look(false, 1);
        assertThat(collections).isEqualTo(2);
    }

    @Test
    void busyMoment_beginsTheWaitAnew() {
        size = 26 * MIB;
        for (int i = 0; i < 5; i++) {
            look(false, 2);
            look(true, 1);
        }
        assertThat(collections).isZero();
    }

    @Test
    void heapThatHasGrownMuch_isCollectedAtOnce() {
        size = 40 * MIB;
        look(true, 1);
        assertThat(collections).isEqualTo(1);
    }

    @Test
    void whatWasInUseAtABusyCollection_isGivenBackOnceItIsQuiet() {
        size = 40 * MIB;
        atRest = 28 * MIB;
        look(true, 1);
        atRest = 20 * MIB;
        look(true, 10);
        look(false, 2);
        assertThat(collections).isEqualTo(1);
        look(false, 1);
        assertThat(collections).isEqualTo(2);
        look(false, 10);
        assertThat(collections).isEqualTo(2);
    }

    @Test
    void largeHeap_isCollectedMoreRarely_asThatTakesLonger() {
        atRest = 200 * MIB;
        size = 200 * MIB;
        look(false, 1);
        assertThat(collections).isEqualTo(1);
        size = 240 * MIB;
        look(false, 10);
        assertThat(collections).isEqualTo(1);
        size = 250 * MIB;
        look(false, 1);
        assertThat(collections).isEqualTo(2);
        size = 299 * MIB;
        look(true, 10);
        assertThat(collections).isEqualTo(2);
        size = 300 * MIB;
        look(true, 1);
        assertThat(collections).isEqualTo(3);
    }
}
