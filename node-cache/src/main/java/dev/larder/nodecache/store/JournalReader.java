package dev.larder.nodecache.store;

import dev.larder.nodecache.error.InvalidRequest;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/** Bytes of a {@link JournalWriter} back to events, up to the first that is not whole. */
final class JournalReader {

    private final JournalEvents events;
    private final CRC32C crc = new CRC32C();

    JournalReader(JournalEvents events) {
        this.events = events;
    }

    /** @return whether every byte of the file was part of a whole event; true when there is no file */
    boolean read(Path file) {
        if (!Files.exists(file)) {
            return true;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
                Arena arena = Arena.ofConfined()) {
            return channel.size() == 0
                    || read(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena)
                            .asByteBuffer());
        } catch (IOException e) {
            return false; // then the blobs are looked at instead
        }
    }

    /** @return as for a file */
    boolean read(ByteBuffer bytes) {
        while (bytes.remaining() >= JournalWriter.FRAME) {
            int length = bytes.getInt();
            int sum = bytes.getInt();
            if (length < 1 || length > bytes.remaining()) {
                return false;
            }
            ByteBuffer frame = bytes.slice(bytes.position(), length);
            crc.reset();
            crc.update(frame);
            if ((int) crc.getValue() != sum || !take(frame.rewind())) {
                return false;
            }
            bytes.position(bytes.position() + length);
        }
        return !bytes.hasRemaining();
    }

    /** A frame with the right checksum and a content we cannot make sense of is another program's: not whole either. */
    private boolean take(ByteBuffer frame) {
        try {
            switch (frame.get()) {
                case JournalWriter.BLOB -> events.blob(BlobKey.read(frame), frame.getLong(), frame.getInt());
                case JournalWriter.USED -> events.used(BlobKey.read(frame), frame.getInt());
                case JournalWriter.GONE -> events.gone(BlobKey.read(frame));
                case JournalWriter.MANIFEST -> events.manifest(BlobKey.read(frame), text(frame), keys(frame));
                case JournalWriter.REPOSITORY -> events.repository(frame.getInt(), text(frame), text(frame));
                case JournalWriter.OPEN -> events.open(frame.getInt(), frame.getInt());
                case JournalWriter.HOLDS -> events.holds(frame.getInt(), BlobKey.read(frame));
                case JournalWriter.TAG -> events.tag(frame.getInt(), text(frame), text(frame), text(frame));
                case JournalWriter.OPENED -> events.opened(text(frame));
                case JournalWriter.CLOSED -> events.closed();
                default -> {
                    return false;
                }
            }
            return true;
        } catch (BufferUnderflowException | IllegalArgumentException | IndexOutOfBoundsException | InvalidRequest e) {
            return false;
        }
    }

    private static String text(ByteBuffer frame) {
        int length = frame.getInt();
        if (length < 0 || length > frame.remaining()) {
            throw new IllegalArgumentException("a text of " + length + " bytes in " + frame.remaining());
        }
        byte[] bytes = new byte[length];
        frame.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static List<BlobKey> keys(ByteBuffer frame) {
        int count = frame.getInt();
        if (count < 0 || count > frame.remaining() / 33) {
            throw new IllegalArgumentException(count + " digests in " + frame.remaining() + " bytes");
        }
        List<BlobKey> keys = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            keys.add(BlobKey.read(frame));
        }
        return keys;
    }
}
