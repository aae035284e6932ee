package dev.larder.nodecache.store;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.SecretKey;

/**
 * Lines with a seal at their end, so that what was cut off, damaged, or written under another key shows: a first line that
 * says what they are, and {@code seal HEX}, the keyed hash of all before it, as the last one.
 */
final class SealedLines {

    private static final String SEAL = "seal ";
    private static final String HASH = "HmacSHA256";

    private SealedLines() {}

    static byte[] write(String title, List<String> lines, SecretKey key) {
        StringBuilder text = new StringBuilder(title).append('\n');
        lines.forEach(line -> text.append(line).append('\n'));
        byte[] body = text.toString().getBytes(StandardCharsets.UTF_8);
        text.append(sealLine(body, key));
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** The lines between title and seal; empty when anything about them is not as it was written. */
    static Optional<List<String>> read(String title, byte[] file, SecretKey key) {
        String text = new String(file, StandardCharsets.UTF_8);
        int at = text.lastIndexOf('\n' + SEAL) + 1;
        if (at == 0 || !text.startsWith(title + "\n") || !text.endsWith("\n")) {
            return Optional.empty();
        }
        String body = text.substring(0, at);
        if (!text.equals(body + sealLine(body.getBytes(StandardCharsets.UTF_8), key))) {
            return Optional.empty();
        }
        List<String> lines = new ArrayList<>(body.lines().toList());
        lines.removeFirst();
        return Optional.of(lines);
    }

    private static String sealLine(byte[] body, SecretKey key) {
        try {
            Mac mac = Mac.getInstance(HASH);
            mac.init(key);
            return SEAL + HexFormat.of().formatHex(mac.doFinal(body)) + '\n';
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + HASH, e);
        }
    }
}
