package dev.larder.nodecache.store;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Events to bytes, each in a frame: length, checksum (CRC-32C of what follows), kind, content; big-endian. One event is one
 * write. For one thread at a time.
 */
final class JournalWriter implements JournalEvents {

    static final byte BLOB = 1;
    static final byte USED = 2;
    static final byte GONE = 3;
    static final byte MANIFEST = 4;
    static final byte REPOSITORY = 5;
    static final byte OPEN = 6;
    static final byte HOLDS = 7;
    static final byte TAG = 8;
    static final byte OPENED = 9;
    static final byte CLOSED = 10;

    static final int FRAME = 8;
    static final int MAX = 1 << 20;

    private final OutputStream out;
    private final CRC32C crc = new CRC32C();
    private ByteBuffer buffer = ByteBuffer.allocate(512);
    private long written;

    JournalWriter(OutputStream out) {
        this.out = out;
    }

    long written() {
        return written;
    }

    @Override
    public void blob(BlobKey key, long size, int used) {
        key.write(begin(BLOB, 80));
        buffer.putLong(size).putInt(used);
        end();
    }

    @Override
    public void used(BlobKey key, int used) {
        key.write(begin(USED, 80));
        buffer.putInt(used);
        end();
    }

    @Override
    public void gone(BlobKey key) {
        key.write(begin(GONE, 80));
        end();
    }

    @Override
    public void manifest(BlobKey key, String mediaType, List<BlobKey> needs) {
        byte[] type = bytes(mediaType);
        key.write(begin(MANIFEST, 80 + type.length + 65 * needs.size()));
        text(type);
        buffer.putInt(needs.size());
        needs.forEach(need -> need.write(buffer));
        end();
    }

    @Override
    public void repository(int id, String registry, String name) {
        byte[] host = bytes(registry);
        byte[] path = bytes(name);
        begin(REPOSITORY, 16 + host.length + path.length).putInt(id);
        text(host);
        text(path);
        end();
    }

    @Override
    public void open(int id, int at) {
        begin(OPEN, 8).putInt(id).putInt(at);
        end();
    }

    @Override
    public void holds(int id, BlobKey key) {
        key.write(begin(HOLDS, 80).putInt(id));
        end();
    }

    @Override
    public void tag(int id, String tag, String answerClass, String record) {
        byte[] name = bytes(tag);
        byte[] kind = bytes(answerClass);
        byte[] means = bytes(record);
        begin(TAG, 20 + name.length + kind.length + means.length).putInt(id);
        text(name);
        text(kind);
        text(means);
        end();
    }

    @Override
    public void opened(String boot) {
        byte[] id = bytes(boot);
        begin(OPENED, 4 + id.length);
        text(id);
        end();
    }

    @Override
    public void closed() {
        begin(CLOSED, 0);
        end();
    }

    private ByteBuffer begin(byte kind, int room) {
        if (buffer.capacity() < FRAME + 1 + room) {
            buffer = ByteBuffer.allocate(2 * (FRAME + 1 + room));
        }
        buffer.clear().position(FRAME);
        return buffer.put(kind);
    }

    private void end() {
        int length = buffer.position() - FRAME;
        crc.reset();
        crc.update(buffer.array(), FRAME, length);
        buffer.putInt(0, length).putInt(4, (int) crc.getValue());
        try {
            out.write(buffer.array(), 0, FRAME + length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        written += FRAME + length;
    }

    private void text(byte[] bytes) {
        buffer.putInt(bytes.length).put(bytes);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
