package dev.larder.nodecache.fake;

import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.MediaType;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Base64;

/** Signs images as cosign does, with a key of its own (SIGNATURE_SPEC.md, BUNDLE_SPEC.md). */
public final class Signer {

    private static final String PAYLOAD = "application/vnd.in-toto+json";

    private final KeyPair keys;
    private final String algorithm;

    /** @param kind EC, RSA or Ed25519 */
    public Signer(String kind) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(kind);
            if (!kind.equals("Ed25519")) {
                generator.initialize(kind.equals("EC") ? 256 : 2048);
            }
            keys = generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        algorithm = switch (kind) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            default -> "Ed25519";
        };
    }

    /** As in {@code cosign.pub}. */
    public String publicKey() {
        return "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(keys.getPublic().getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
    }

    public String sign(byte[] bytes) {
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(keys.getPrivate());
            signature.update(bytes);
            return Base64.getEncoder().encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What the signature of an image is of. */
    public static byte[] payload(Digest image) {
        return ("{\"critical\":{\"identity\":{\"docker-reference\":\"a.test/app\"},\"image\":{\"docker-manifest-digest\":\""
                        + image + "\"},\"type\":\"cosign container image signature\"},\"optional\":null}")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** A manifest with one signature; its payload is pushed already. */
    public String manifest(byte[] payload) {
        return """
                {"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"x/y","digest":"%s","size":%d},
                 "layers":[{"mediaType":"application/vnd.dev.cosign.simplesigning.v1+json","digest":"%s","size":%d,
                            "annotations":{"dev.cosignproject.cosign/signature":"%s"}}]}
                """.formatted(
                        MediaType.OCI_MANIFEST,
                        Digest.sha256(payload),
                        payload.length,
                        Digest.sha256(payload),
                        payload.length,
                        sign(payload));
    }

    /** A bundle that says that the image is signed. */
    public byte[] bundle(Digest image) {
        byte[] statement =
                ("{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{\"name\":\"\",\"digest\":{\"sha256\":\""
                                + image.hex()
                                + "\"}}],\"predicateType\":\"https://sigstore.dev/cosign/sign/v1\",\"predicate\":{}}")
                        .getBytes(StandardCharsets.UTF_8);
        String authenticated = "DSSEv1 " + PAYLOAD.length() + " " + PAYLOAD + " " + statement.length + " "
                + new String(statement, StandardCharsets.UTF_8);
        return ("{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\",\"dsseEnvelope\":{\"payload\":\""
                        + Base64.getEncoder().encodeToString(statement) + "\",\"payloadType\":\"" + PAYLOAD
                        + "\",\"signatures\":[{\"sig\":\"" + sign(authenticated.getBytes(StandardCharsets.UTF_8))
                        + "\"}]}}")
                .getBytes(StandardCharsets.UTF_8);
    }
}
