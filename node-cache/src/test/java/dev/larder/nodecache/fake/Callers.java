package dev.larder.nodecache.fake;

import dev.larder.nodecache.source.Caller;
import dev.larder.nodecache.source.Identities;
import dev.larder.nodecache.source.Secret;
import java.nio.charset.StandardCharsets;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/** Callers by the headers that they send, under a key that is always the same. */
public final class Callers {

    private static final SecretKey KEY =
            new SecretKeySpec("a key for tests".getBytes(StandardCharsets.UTF_8), Identities.HASH);

    public static final Identities IDENTITIES = new Identities(() -> KEY);

    private Callers() {}

    public static Caller showing(String authorization) {
        return IDENTITIES.caller(new Secret(authorization));
    }
}
