package dev.larder.nodecache.signature;

import dev.larder.nodecache.oci.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What was signed, and the signature. Nothing in it is believed before it has been verified.
 *
 * @param signed the bytes that the signature is of
 * @param signatures of which one is enough
 * @param payload what says which image is meant
 * @param inToto whether that is an in-toto statement, else a "simple signing" payload
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record SignedPayload(byte[] signed, List<byte[]> signatures, byte[] payload, boolean inToto) {

    /** Of a layer: the bytes are a payload, and its signature is an annotation. */
    public static final String SIMPLE_SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json";
    /** How the media type of a layer that is a bundle begins. */
    public static final String BUNDLE = "application/vnd.dev.sigstore.bundle";

    private static final String ANNOTATION = "dev.cosignproject.cosign/signature";
    private static final String OF_CONTAINER_IMAGE = "cosign container image signature";
    private static final String SIGNED = "https://sigstore.dev/cosign/sign/v1";

    /**
     * Where a manifest has a signature.
     *
     * @param size bytes there, as the manifest says
     * @param annotation the signature itself, of a simple signing payload
     */
    public record Place(String mediaType, Digest digest, long size, String annotation) {}

    /** The layers of a manifest that are signatures; none when it makes no sense. */
    public static List<Place> places(byte[] manifest) {
        List<Place> places = new ArrayList<>();
        try {
            for (Map<String, Object> layer : JsonValues.maps(JsonValues.parse(manifest), "layers")) {
                String type = JsonValues.text(layer, "mediaType");
                if (type.equals(SIMPLE_SIGNING) || type.startsWith(BUNDLE)) {
                    places.add(new Place(
                            type,
                            Digest.parse(JsonValues.text(layer, "digest")),
                            Long.parseLong(JsonValues.text(layer, "size")),
                            JsonValues.text(JsonValues.map(layer, "annotations"), ANNOTATION)));
                }
            }
        } catch (IOException | NumberFormatException | dev.larder.nodecache.error.InvalidRequest e) {
            return List.of();
        }
        return places;
    }

    /**
     * The signature at a place; empty when it makes no sense.
     *
     * @param layer the bytes there
     */
    public static Optional<SignedPayload> read(Place place, byte[] layer) {
        try {
            return place.mediaType().equals(SIMPLE_SIGNING)
                    ? Optional.of(new SignedPayload(layer, List.of(decoded(place.annotation())), layer, false))
                    : Optional.of(bundle(layer));
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The envelope of a bundle (DSSE, https://github.com/secure-systems-lab/dsse/blob/master/protocol.md). */
    private static SignedPayload bundle(byte[] bytes) throws IOException {
        Map<String, Object> envelope = JsonValues.map(JsonValues.parse(bytes), "dsseEnvelope");
        byte[] payload = decoded(JsonValues.text(envelope, "payload"));
        List<byte[]> signatures = JsonValues.maps(envelope, "signatures").stream()
                .map(signature -> decoded(JsonValues.text(signature, "sig")))
                .toList();
        return new SignedPayload(
                authenticated(JsonValues.text(envelope, "payloadType"), payload), signatures, payload, true);
    }

    /** The protocol's pre-authentication encoding. */
    private static byte[] authenticated(String type, byte[] payload) {
        byte[] name = type.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(("DSSEv1 " + name.length + " ").getBytes(StandardCharsets.UTF_8));
        bytes.writeBytes(name);
        bytes.writeBytes((" " + payload.length + " ").getBytes(StandardCharsets.UTF_8));
        bytes.writeBytes(payload);
        return bytes.toByteArray();
    }

    private static byte[] decoded(String base64) {
        return Base64.getDecoder().decode(base64);
    }

    /** Whether one of the keys signed it. */
    public boolean isBy(PublicKeys keys) {
        return signatures.stream().anyMatch(signature -> keys.signed(signed, signature));
    }

    /** Whether it says that this image is signed. */
    public boolean isOf(Digest image) {
        try {
            Map<String, Object> json = JsonValues.parse(payload);
            if (inToto) {
                return JsonValues.text(json, "predicateType").equals(SIGNED)
                        && JsonValues.maps(json, "subject").stream()
                                .map(subject -> JsonValues.map(subject, "digest"))
                                .anyMatch(digest -> JsonValues.text(digest, image.algorithm())
                                        .equals(image.hex()));
            }
            Map<String, Object> critical = JsonValues.map(json, "critical");
            return JsonValues.text(critical, "type").equals(OF_CONTAINER_IMAGE)
                    && JsonValues.text(JsonValues.map(critical, "image"), "docker-manifest-digest")
                            .equals(image.toString());
        } catch (IOException e) {
            return false;
        }
    }
}
