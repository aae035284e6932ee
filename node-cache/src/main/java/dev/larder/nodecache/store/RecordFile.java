package dev.larder.nodecache.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/** A few lines of text that appear at once or not at all. One that a crash emptied reads as absent. */
final class RecordFile {

    private RecordFile() {}

    static void write(Path file, String text) {
        try {
            Files.createDirectories(file.getParent());
            Path next = Files.createTempFile(file.getParent(), ".", ".tmp");
            try {
                Files.writeString(next, text);
                Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(next);
            }
        } catch (IOException e) {
            throw PartialBlob.failure("cannot write " + file, e);
        }
    }

    static Optional<String> read(Path file) throws IOException {
        String text = Files.readString(file);
        return text.isBlank() ? Optional.empty() : Optional.of(text);
    }
}
