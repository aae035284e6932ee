package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.BlobAnswer;
import java.util.function.Consumer;

/**
 * One line of {@link FaultTableIT}: what an upstream does wrong with a blob, when, and what is to come of it.
 *
 * @param asked GETs of the blob upstream, as {@code n} or {@code n-m}; after a plus those of the next upstream, which is
 *     well
 * @param answers of the first upstream in turn; the last of them goes on for ever
 */
@SuppressWarnings("ArrayRecordComponent")
record FaultRow(String fault, String moment, Client client, Store store, String asked, BlobAnswer... answers) {

    /** What the client of a cold blob gets. */
    enum Client {
        WHOLE,
        /** A body that ends before its length, or 5xx when nothing of it had gone out: never what looks complete. */
        SHORT,
        GETS_404,
        GETS_502,
        GETS_503
    }

    /** What is in the store when all is over. */
    enum Store {
        KEPT,
        NOTHING
    }

    static FaultRow row(String fault, String at, Client client, Store store, String asked, BlobAnswer... answers) {
        return new FaultRow(fault, at, client, store, asked, answers);
    }

    /** Whether the patience for a silent upstream decides what comes of it. */
    boolean stalls() {
        return fault.startsWith("stalls");
    }

    static Consumer<Long> within(String bounds) {
        String[] ends = (bounds + "-" + bounds).split("-", 4);
        return count -> assertThat(count).isBetween(Long.parseLong(ends[0]), Long.parseLong(ends[1]));
    }

    @Override
    public String toString() {
        return fault + ", " + moment + ": client " + client + ", store " + store + ", upstream asked " + asked;
    }
}
