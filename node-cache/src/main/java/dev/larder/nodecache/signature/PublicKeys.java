package dev.larder.nodecache.signature;

import dev.larder.nodecache.error.InvalidRequest;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The keys that a signature may be made with: of ECDSA and RSA (PKCS #1 v1.5) with SHA-256, or Ed25519. */
public final class PublicKeys {

    private static final String BEGIN = "-----BEGIN PUBLIC KEY-----";
    private static final String END = "-----END PUBLIC KEY-----";

    /** How keys of a kind sign. */
    private static final Map<String, String> KINDS =
            Map.of("EC", "SHA256withECDSA", "RSA", "SHA256withRSA", "Ed25519", "Ed25519");

    private final List<Key> keys;

    private record Key(PublicKey key, String algorithm) {}

    private PublicKeys(List<Key> keys) {
        this.keys = List.copyOf(keys);
    }

    /**
     * @param pems one key each, as {@code cosign generate-key-pair} writes {@code cosign.pub} (RFC 7468 section 13)
     * @throws InvalidRequest when there is none, or one makes no sense
     */
    public static PublicKeys of(List<String> pems) {
        List<Key> keys = new ArrayList<>();
        for (String pem : pems) {
            keys.add(parse(pem));
        }
        if (keys.isEmpty()) {
            throw wrong("there is none");
        }
        return new PublicKeys(keys);
    }

    private static Key parse(String pem) {
        int begin = pem.indexOf(BEGIN);
        int end = begin < 0 ? -1 : pem.indexOf(END, begin + BEGIN.length());
        if (end < 0) {
            throw wrong("one does not begin with " + BEGIN);
        }
        byte[] der;
        try {
            der = Base64.getMimeDecoder().decode(pem.substring(begin + BEGIN.length(), end));
        } catch (IllegalArgumentException e) {
            throw wrong("one is not base64");
        }
        return KINDS.entrySet().stream()
                .flatMap(kind -> key(kind.getKey(), kind.getValue(), der).stream())
                .findFirst()
                .orElseThrow(() -> wrong("one is neither of ECDSA nor of RSA nor of Ed25519"));
    }

    private static Optional<Key> key(String kind, String algorithm, byte[] der) {
        try {
            return Optional.of(
                    new Key(KeyFactory.getInstance(kind).generatePublic(new X509EncodedKeySpec(der)), algorithm));
        } catch (GeneralSecurityException e) {
            return Optional.empty(); // of another kind, perhaps
        }
    }

    private static InvalidRequest wrong(String what) {
        return new InvalidRequest(
                InvalidRequest.Kind.UNSUPPORTED, "publicKeys: " + what + "; write the text of cosign.pub");
    }

    /** Whether one of them made the signature of these bytes. */
    boolean signed(byte[] bytes, byte[] signature) {
        return keys.stream().anyMatch(key -> signed(key, bytes, signature));
    }

    private static boolean signed(Key key, byte[] bytes, byte[] signature) {
        try {
            Signature check = Signature.getInstance(key.algorithm());
            check.initVerify(key.key());
            check.update(bytes);
            return check.verify(signature);
        } catch (GeneralSecurityException e) {
            // Not even a signature of this kind.
            return false;
        }
    }
}
