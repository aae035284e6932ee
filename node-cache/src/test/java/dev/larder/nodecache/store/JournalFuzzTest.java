package dev.larder.nodecache.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fuzz.Fuzz;
import dev.larder.nodecache.oci.Digest;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/**
 * The journal and the snapshot, one format, as a crash, a bad disk or another version of this program may leave them: read up to
 * the first event that is not whole, without an exception, and what was read makes a state that can be written and read again.
 */
class JournalFuzzTest {

    private static final BlobKey ONE = BlobKey.of(Digest.sha256(new byte[] {1}));
    private static final BlobKey TWO = BlobKey.of(Digest.parse("sha512:" + "0f".repeat(64)));

    /** Characters are bytes, so that the texts of {@link Fuzz} can be used. */
    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static byte[] events(boolean inOrder) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        JournalWriter writer = new JournalWriter(out);
        writer.opened("boot");
        writer.repository(1, "docker.io", "library/nginx");
        writer.open(1, 77);
        writer.blob(ONE, 4711, 99);
        writer.blob(TWO, 1, 100);
        writer.holds(1, ONE);
        writer.manifest(TWO, "application/vnd.oci.image.manifest.v1+json", List.of(ONE, TWO));
        writer.tag(1, "v1", "x", TWO.digest() + "\na/b\n12\n2026-11-22T08:00:00Z\n");
        writer.used(ONE, 120);
        writer.gone(ONE);
        if (inOrder) {
            writer.closed();
        }
        return out.toByteArray();
    }

    @Test
    void anyBytes() throws InterruptedException {
        Fuzz.run(List.of(text(events(true)), text(events(false)), ""), input -> read(bytes(input)));
    }

    /** A right checksum around wrong content, which is what a mutation of the whole file hardly ever makes. */
    @Test
    void anyContent_inAFrameThatIsRight() throws InterruptedException {
        byte[] all = events(true);
        List<String> seeds = new java.util.ArrayList<>();
        for (ByteBuffer rest = ByteBuffer.wrap(all); rest.hasRemaining(); ) {
            byte[] content = new byte[rest.getInt()];
            rest.getInt();
            rest.get(content);
            seeds.add(text(content));
        }
        // Behind what it may refer to, and before another.
        ByteArrayOutputStream before = new ByteArrayOutputStream();
        JournalWriter writer = new JournalWriter(before);
        writer.repository(1, "docker.io", "library/nginx");
        writer.blob(ONE, 4711, 99);
        byte[] good = before.toByteArray();
        Fuzz.run(seeds, input -> {
            byte[] content = bytes(input);
            ByteBuffer file = ByteBuffer.allocate(good.length * 2 + JournalWriter.FRAME + content.length);
            CRC32C crc = new CRC32C();
            crc.update(content);
            file.put(good)
                    .putInt(content.length)
                    .putInt((int) crc.getValue())
                    .put(content)
                    .put(good);
            read(file.array());
        });
    }

    /** Whole events in any order and number, as a snapshot taken in between and a log of before may be. */
    @Test
    void anySequenceOfEvents() throws InterruptedException {
        List<byte[]> frames = new java.util.ArrayList<>();
        for (ByteBuffer rest = ByteBuffer.wrap(events(true)); rest.hasRemaining(); ) {
            byte[] frame = new byte[rest.getInt(rest.position()) + JournalWriter.FRAME];
            rest.get(frame);
            frames.add(frame);
        }
        Fuzz.run(List.of("0123456789:", ":0", "0246813579"), input -> {
            ByteArrayOutputStream file = new ByteArrayOutputStream();
            input.chars().limit(100).forEach(c -> file.writeBytes(frames.get(c % frames.size())));
            assertThat(read(file.toByteArray())).isTrue();
        });
    }

    private static byte[] bytes(String input) {
        return input.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static boolean read(byte[] file) {
        StoreIndex index = new StoreIndex();
        boolean whole = new JournalReader(index).read(ByteBuffer.wrap(file));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        index.tell(new JournalWriter(out));
        StoreIndex again = new StoreIndex();
        assertThat(new JournalReader(again).read(ByteBuffer.wrap(out.toByteArray())))
                .isTrue();
        assertThat(again.blobs.keySet()).isEqualTo(index.blobs.keySet());
        assertThat(again.tags).isEqualTo(index.tags);
        return whole;
    }
}
