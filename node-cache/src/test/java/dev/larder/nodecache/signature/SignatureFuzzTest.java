package dev.larder.nodecache.signature;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.error.InvalidRequest;
import dev.larder.nodecache.fake.Signer;
import dev.larder.nodecache.fuzz.Fuzz;
import dev.larder.nodecache.oci.Digest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Signatures as anybody may push them, and keys as somebody pasted them. */
class SignatureFuzzTest {

    private static final Digest IMAGE = Digest.sha256(new byte[] {1});

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Test
    void signatures() throws InterruptedException {
        Signer signer = new Signer("Ed25519");
        PublicKeys keys = PublicKeys.of(List.of(signer.publicKey()));
        PublicKeys others = PublicKeys.of(List.of(new Signer("Ed25519").publicKey()));
        List<String> seeds = List.of(
                text(signer.bundle(IMAGE)),
                text(Signer.payload(IMAGE)),
                signer.manifest(Signer.payload(IMAGE)),
                "{\"layers\":[{\"mediaType\":\"" + SignedPayload.BUNDLE + "\",\"size\":\"-1\",\"digest\":\"x\"},[]]}");
        Fuzz.run(seeds, input -> {
            byte[] bytes = input.getBytes(StandardCharsets.UTF_8);
            assertThat(SignedPayload.places(bytes)).hasSizeLessThan(bytes.length + 1);
            for (String type : List.of(SignedPayload.BUNDLE, SignedPayload.SIMPLE_SIGNING)) {
                SignedPayload.Place place = new SignedPayload.Place(type, IMAGE, bytes.length, "AAAA");
                SignedPayload.read(place, bytes).ifPresent(signature -> {
                    // Whatever else is changed, what the key signed is this image.
                    assertThat(signature.isBy(others)).isFalse();
                    assertThat(signature.isBy(keys) && !signature.isOf(IMAGE)).isFalse();
                });
            }
        });
    }

    @Test
    void keys() throws InterruptedException {
        List<String> seeds = List.of(
                new Signer("EC").publicKey(),
                new Signer("RSA").publicKey(),
                new Signer("Ed25519").publicKey(),
                "-----BEGIN PUBLIC KEY-----END PUBLIC KEY-----");
        byte[] bytes = {1, 2, 3};
        Fuzz.run(seeds, input -> {
            try {
                assertThat(PublicKeys.of(List.of(input)).signed(bytes, bytes)).isFalse();
            } catch (InvalidRequest e) {
                assertThat(e).hasMessageContaining("publicKeys: ");
            }
        });
    }
}
