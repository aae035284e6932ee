package dev.larder.nodecache.store;

import dev.larder.nodecache.oci.Digest;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A digest as the index keeps it: a third of the memory of its text. */
final class BlobKey {

    private static final HexFormat HEX = HexFormat.of();

    private final long a;
    private final long b;
    private final long c;
    private final long d;
    /** The second half of a SHA-512; null for SHA-256. */
    private final @Nullable BlobKey rest;

    private BlobKey(long a, long b, long c, long d, @Nullable BlobKey rest) {
        this.a = a;
        this.b = b;
        this.c = c;
        this.d = d;
        this.rest = rest;
    }

    static BlobKey of(Digest digest) {
        String hex = digest.hex();
        return half(hex, 0, hex.length() > 64 ? half(hex, 64, null) : null);
    }

    private static BlobKey half(String hex, int from, @Nullable BlobKey rest) {
        return new BlobKey(
                HexFormat.fromHexDigitsToLong(hex, from, from + 16),
                HexFormat.fromHexDigitsToLong(hex, from + 16, from + 32),
                HexFormat.fromHexDigitsToLong(hex, from + 32, from + 48),
                HexFormat.fromHexDigitsToLong(hex, from + 48, from + 64),
                rest);
    }

    Digest digest() {
        return rest == null ? new Digest("sha256", hex()) : new Digest("sha512", hex() + rest.hex());
    }

    /** Whether it begins like that: an algorithm, and the first byte of the hash in hex. */
    boolean isBelow(String algorithm, String firstByte) {
        return algorithm.equals(rest == null ? "sha256" : "sha512")
                && firstByte.equals(HEX.toHexDigits((byte) (a >>> 56)));
    }

    private String hex() {
        return HEX.toHexDigits(a) + HEX.toHexDigits(b) + HEX.toHexDigits(c) + HEX.toHexDigits(d);
    }

    void write(ByteBuffer to) {
        to.put((byte) (rest == null ? 0 : 1));
        writeHalf(to);
        if (rest != null) {
            rest.writeHalf(to);
        }
    }

    private void writeHalf(ByteBuffer to) {
        to.putLong(a).putLong(b).putLong(c).putLong(d);
    }

    static BlobKey read(ByteBuffer from) {
        boolean wide = from.get() != 0;
        long a = from.getLong();
        long b = from.getLong();
        long c = from.getLong();
        long d = from.getLong();
        return new BlobKey(a, b, c, d, wide ? readHalf(from) : null);
    }

    private static BlobKey readHalf(ByteBuffer from) {
        return new BlobKey(from.getLong(), from.getLong(), from.getLong(), from.getLong(), null);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof BlobKey key
                && a == key.a
                && b == key.b
                && c == key.c
                && d == key.d
                && Objects.equals(rest, key.rest);
    }

    /** The digest is a hash already. */
    @Override
    public int hashCode() {
        return (int) a;
    }

    @Override
    public String toString() {
        return digest().toString();
    }
}
