package dev.larder.nodecache.http;

import io.vertx.core.Vertx;
import io.vertx.core.net.KeyCertOptions;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Arrays;
import java.util.Map;
import javax.net.ssl.X509KeyManager;

/** Whether a private key is that of the certificate beside it, which Java asks only when it is too late. */
final class KeyPairs {

    private static final byte[] ANYTHING = "larder".getBytes(StandardCharsets.US_ASCII);
    private static final Map<String, String> SIGNATURES = Map.of("RSA", "SHA256withRSA", "EC", "SHA256withECDSA");

    private KeyPairs() {}

    /** @throws GeneralSecurityException when they cannot be read, or are not of one pair */
    static void requirePair(Vertx vertx, KeyCertOptions files) throws GeneralSecurityException {
        try {
            X509KeyManager keys = Arrays.stream(
                            files.getKeyManagerFactory(vertx).getKeyManagers())
                    .filter(X509KeyManager.class::isInstance)
                    .map(X509KeyManager.class::cast)
                    .findFirst()
                    .orElseThrow(() -> new GeneralSecurityException("there is no key"));
            for (String type : new String[] {"RSA", "EC", "EdDSA"}) {
                String[] aliases = keys.getServerAliases(type, null);
                for (String alias : aliases == null ? new String[0] : aliases) {
                    requirePair(keys.getPrivateKey(alias), keys.getCertificateChain(alias)[0].getPublicKey());
                }
            }
        } catch (GeneralSecurityException e) {
            throw e;
        } catch (Exception e) {
            // Of Vert.x' signature.
            throw new GeneralSecurityException(e.getMessage(), e);
        }
    }

    private static void requirePair(PrivateKey key, PublicKey certified) throws GeneralSecurityException {
        String algorithm = SIGNATURES.getOrDefault(key.getAlgorithm(), key.getAlgorithm());
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(key);
        signature.update(ANYTHING);
        byte[] signed = signature.sign();
        signature.initVerify(certified);
        signature.update(ANYTHING);
        if (!signature.verify(signed)) {
            throw new GeneralSecurityException("the key is not the certificate's");
        }
    }
}
