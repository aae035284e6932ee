package dev.larder.nodecache.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.nodecache.error.InvalidRequest;
import dev.larder.nodecache.fake.Signer;
import dev.larder.nodecache.oci.Digest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignedPayloadTest {

    private static final Digest IMAGE = Digest.sha256(new byte[] {1});
    private static final Digest OTHER = Digest.sha256(new byte[] {2});

    private static SignedPayload simple(Signer signer, byte[] signed, byte[] payload) {
        SignedPayload.Place place = SignedPayload.places(signer.manifest(signed).getBytes(StandardCharsets.UTF_8))
                .getFirst();
        return SignedPayload.read(place, payload).orElseThrow();
    }

    private static SignedPayload bundle(byte[] bytes) {
        return SignedPayload.read(new SignedPayload.Place(SignedPayload.BUNDLE + ".v0.3+json", IMAGE, 1, ""), bytes)
                .orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"EC", "RSA", "Ed25519"})
    void signature_isByItsKeyOnly_inEachForm(String kind) {
        Signer signer = new Signer(kind);
        PublicKeys other = PublicKeys.of(List.of(new Signer(kind).publicKey(), new Signer("EC").publicKey()));
        PublicKeys right = PublicKeys.of(List.of(new Signer("RSA").publicKey(), signer.publicKey()));
        byte[] payload = Signer.payload(IMAGE);
        for (SignedPayload signature : List.of(simple(signer, payload, payload), bundle(signer.bundle(IMAGE)))) {
            assertThat(signature.isBy(right)).isTrue();
            assertThat(signature.isBy(other)).isFalse();
            assertThat(signature.isOf(IMAGE)).isTrue();
            assertThat(signature.isOf(OTHER)).isFalse();
        }
    }

    @Test
    void keyWhoseEndIsWithinItsBeginning_isRefused() {
        assertThatThrownBy(() -> PublicKeys.of(List.of("-----BEGIN PUBLIC KEY-----END PUBLIC KEY-----")))
                .isInstanceOf(InvalidRequest.class);
    }

    @Test
    void changedPayload_isSignedByNobody() {
        Signer signer = new Signer("EC");
        PublicKeys keys = PublicKeys.of(List.of(signer.publicKey()));
        assertThat(simple(signer, Signer.payload(IMAGE), Signer.payload(OTHER)).isBy(keys))
                .isFalse();
        byte[] bundle = signer.bundle(IMAGE);
        String other = new String(signer.bundle(OTHER), StandardCharsets.UTF_8);
        String swapped = new String(bundle, StandardCharsets.UTF_8)
                .replaceFirst("\"payload\":\"[^\"]*\"", other.replaceFirst(".*(\"payload\":\"[^\"]*\").*", "$1"));
        assertThat(bundle(swapped.getBytes(StandardCharsets.UTF_8)).isBy(keys)).isFalse();
    }

    @Test
    void statementOfSomethingElse_isNoSignatureOfTheImage() {
        Signer signer = new Signer("EC");
        String sbom = new String(Signer.payload(IMAGE), StandardCharsets.UTF_8).replace("image signature", "sbom");
        assertThat(simple(signer, sbom.getBytes(StandardCharsets.UTF_8), sbom.getBytes(StandardCharsets.UTF_8))
                        .isOf(IMAGE))
                .isFalse();
    }

    @Test
    void nonsense_isNoSignature() {
        assertThat(SignedPayload.places("[]".getBytes(StandardCharsets.UTF_8))).isEmpty();
        assertThat(SignedPayload.places("{\"layers\":[{\"mediaType\":\"x\"}]}".getBytes(StandardCharsets.UTF_8)))
                .isEmpty();
        assertThat(SignedPayload.places(
                        ("{\"layers\":[{\"mediaType\":\"" + SignedPayload.SIMPLE_SIGNING + "\",\"digest\":\"no\"}]}")
                                .getBytes(StandardCharsets.UTF_8)))
                .isEmpty();
        SignedPayload.Place place = new SignedPayload.Place(SignedPayload.BUNDLE, IMAGE, 1, "");
        assertThat(SignedPayload.read(place, "{".repeat(100_000).getBytes(StandardCharsets.UTF_8)))
                .isEmpty();
        assertThat(SignedPayload.read(
                        new SignedPayload.Place(SignedPayload.SIMPLE_SIGNING, IMAGE, 1, "not base64!"), new byte[0]))
                .isEmpty();
        PublicKeys keys = PublicKeys.of(List.of(new Signer("EC").publicKey()));
        assertThat(bundle("{}".getBytes(StandardCharsets.UTF_8)).isBy(keys)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-----BEGIN PUBLIC KEY-----",
                "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"
            })
    void whatIsNoKey_isRefusedWithAWord(String pem) {
        assertThatThrownBy(() -> PublicKeys.of(List.of(pem)))
                .isInstanceOf(InvalidRequest.class)
                .hasMessageContaining("publicKeys")
                .hasMessageContaining("cosign.pub");
        assertThatThrownBy(() -> PublicKeys.of(List.of())).isInstanceOf(InvalidRequest.class);
    }
}
