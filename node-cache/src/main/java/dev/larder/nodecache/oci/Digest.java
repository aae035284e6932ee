package dev.larder.nodecache.oci;

import dev.larder.nodecache.error.InvalidRequest;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The hash that names content: {@code sha256:} or {@code sha512:} and lower-case hex of the right length. */
public record Digest(String algorithm, String hex) {

    public Digest {
        boolean valid =
                switch (algorithm) {
                    case "sha256" -> hex.length() == 64 && isHex(hex);
                    case "sha512" -> hex.length() == 128 && isHex(hex);
                    default -> false;
                };
        if (!valid) {
            throw new InvalidRequest(
                    InvalidRequest.Kind.DIGEST,
                    "not a digest: expected sha256: and 64, or sha512: and 128, lower-case hexadecimal digits");
        }
    }

    private static boolean isHex(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
                return false;
            }
        }
        return true;
    }

    /** @throws InvalidRequest when it is not a digest of a known algorithm */
    public static Digest parse(String text) {
        int colon = text.indexOf(':');
        return colon < 0 ? new Digest("", "") : new Digest(text.substring(0, colon), text.substring(colon + 1));
    }

    /** The digest of {@code content} by this digest's algorithm. */
    public Digest of(byte[] content) {
        return finish(hasher().digest(content));
    }

    public static Digest sha256(byte[] content) {
        return new Digest(
                "sha256", HexFormat.of().formatHex(messageDigest("SHA-256").digest(content)));
    }

    /** A fresh hash by this digest's algorithm; {@link #finish} turns its result into a digest. */
    public MessageDigest hasher() {
        return messageDigest("sha256".equals(algorithm) ? "SHA-256" : "SHA-512");
    }

    public Digest finish(byte[] hash) {
        return new Digest(algorithm, HexFormat.of().formatHex(hash));
    }

    private static MessageDigest messageDigest(String name) {
        try {
            return MessageDigest.getInstance(name);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has " + name, e);
        }
    }

    @Override
    public String toString() {
        return algorithm + ":" + hex;
    }
}
