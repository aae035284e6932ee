package dev.larder.nodecache.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.event.Level;

class LogLinesTest {

    private static final String TEXT = "x".repeat(900);

    /** Keeps what is written, and holds the writer up until it is let go. */
    private static final class Reader extends OutputStream {
        private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
        private final CountDownLatch open;
        private final AtomicInteger writes = new AtomicInteger();

        Reader(int stalls) {
            this.open = new CountDownLatch(stalls);
        }

        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int count) {
            writes.incrementAndGet();
            try {
                open.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            taken.write(bytes, from, count);
        }

        String text() {
            return taken.toString(StandardCharsets.UTF_8);
        }

        long lines() {
            return text().lines().filter(line -> line.contains(TEXT)).count();
        }
    }

    @Test
    void linesThatComeTogether_goOutTogether() {
        Reader reader = new Reader(0);
        LogLines lines = new LogLines(reader);
        for (int i = 0; i < 40; i++) {
            add(lines, 1);
            // As requests come: slowly enough for a writer that does not wait to take each by itself.
            long next = System.nanoTime() + 250_000;
            while (System.nanoTime() < next) {
                Thread.onSpinWait();
            }
        }
        await().until(() -> reader.lines() == 40);
        assertThat(reader.writes.get()).isLessThan(15);
    }

    @Test
    @Timeout(30)
    void readerThatStalls_holdsNobodyUp_andIsToldHowManyLinesWereDropped() {
        Reader reader = new Reader(1);
        LogLines lines = new LogLines(reader);
        add(lines, 1);
        await().until(() -> reader.writes.get() == 1);

        int offered = 10_000;
        add(lines, offered);
        assertThat(reader.lines()).isZero();
        reader.open.countDown();

        Pattern dropped = Pattern.compile("\"message\":\"log lines were dropped\",\"count\":(\\d+)}\n");
        await().until(() -> dropped.matcher(reader.text()).find());
        Matcher told = dropped.matcher(reader.text());
        assertThat(told.find()).isTrue();
        long lost = Long.parseLong(told.group(1));
        assertThat(reader.lines()).isEqualTo(1 + offered - lost);
        assertThat(reader.lines()).as("lines that waited: 2 MiB of them").isBetween(1800L, 2400L);

        add(lines, 1);
        await().until(() -> reader.lines() == 2 + offered - lost);
        assertThat(reader.text().lines()).allMatch(line -> line.startsWith("{\"") && line.endsWith("}"));
    }

    private static void add(LogLines lines, int count) {
        for (int i = 0; i < count; i++) {
            lines.add(new JsonLine(Level.INFO, "x", TEXT));
        }
    }
}
