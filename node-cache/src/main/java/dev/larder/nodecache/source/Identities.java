package dev.larder.nodecache.source;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.function.Supplier;
import javax.crypto.Mac;
import javax.crypto.SecretKey;

/** Tells callers and logins apart by keyed hashes, so that nobody need keep what they show. Safe for many threads. */
public final class Identities {

    public static final String HASH = "HmacSHA256";

    private final Supplier<SecretKey> key;

    /** @param key for {@link #HASH}; the same as long as identities are to be known again */
    public Identities(Supplier<SecretKey> key) {
        this.key = key;
    }

    public Identity of(Secret shown) {
        try {
            Mac mac = Mac.getInstance(HASH);
            mac.init(key.get());
            ByteBuffer hash = ByteBuffer.wrap(mac.doFinal(shown.reveal().getBytes(StandardCharsets.UTF_8)));
            return new Identity(hash.getLong(), hash.getLong());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + HASH, e);
        }
    }

    /** Who sends this Authorization header. */
    public Caller caller(Secret authorization) {
        return new Caller(new Shown(of(authorization), authorization), false);
    }
}
