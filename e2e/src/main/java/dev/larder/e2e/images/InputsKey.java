package dev.larder.e2e.images;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** A hash over everything a built thing depends on: equal keys mean that it need not be built again. */
final class InputsKey {
    private static final int LENGTH = 24;
    private final MessageDigest digest = sha256();

    InputsKey add(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
        digest.update(bytes);
        return this;
    }

    /** The file's name and content; of a folder, every file below it by its path there. */
    InputsKey add(Path fileOrFolder) throws IOException {
        if (!Files.isDirectory(fileOrFolder)) {
            return addFile(fileOrFolder.getFileName().toString(), fileOrFolder);
        }
        try (Stream<Path> files = Files.walk(fileOrFolder)) {
            List<Path> sorted = files.filter(Files::isRegularFile).sorted().toList();
            for (Path file : sorted) {
                addFile(fileOrFolder.relativize(file).toString(), file);
            }
        }
        return this;
    }

    private InputsKey addFile(String name, Path file) throws IOException {
        add(name);
        return add(sha256Of(file));
    }

    String hex() {
        return HexFormat.of().formatHex(digest.digest()).substring(0, LENGTH);
    }

    static String sha256Of(Path file) throws IOException {
        MessageDigest digest = sha256();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(java.io.OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java runtime has SHA-256.", e);
        }
    }
}
