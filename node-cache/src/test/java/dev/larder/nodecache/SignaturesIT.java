package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import dev.larder.nodecache.fake.Signer;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.MediaType;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where signatures are looked for, and what the operator is told. */
class SignaturesIT {

    private static final String REPOSITORY = "library/app";

    @TempDir
    Path folder;

    private final FakeRegistry upstream = new FakeRegistry();
    private final Image image = upstream.push(REPOSITORY, "1.2", 1000, 1);
    private final Image other = upstream.push(REPOSITORY, "1.3", 1000, 2);
    private final Signer signer = new Signer("EC");
    private JobsCache cache;
    private HttpClient operator;

    @BeforeEach
    void start() throws Exception {
        cache = new JobsCache(folder, upstream);
        cache.giveCertificates();
        operator = JobsCache.client(cache.server, cache.operator);
    }

    @AfterEach
    void end() {
        cache.close();
        upstream.close();
    }

    private HttpResponse<String> verify(String key) throws Exception {
        return cache.post(
                operator,
                "/jobs/v1/verify",
                "{\"image\": \"%s/%s@%s\", \"publicKeys\": [\"%s\"]}"
                        .formatted(
                                TestCache.HOST,
                                REPOSITORY,
                                image.manifest(),
                                key.replace("\r", "").replace("\n", "\\n")));
    }

    private void isSigned() throws Exception {
        assertThat(verify(signer.publicKey()).body()).contains("\"signed\":true");
        assertThat(verify(new Signer("EC").publicKey()).body()).contains("\"signed\":false", "by a given key");
    }

    private static String tag(Digest digest, String suffix) {
        return "sha256-" + digest.hex() + suffix;
    }

    private Digest sign(String tag, Digest signed) {
        byte[] payload = Signer.payload(signed);
        upstream.pushBlob(REPOSITORY, payload);
        return upstream.pushManifest(REPOSITORY, tag, MediaType.OCI_MANIFEST, signer.manifest(payload));
    }

    private void refer(Digest referrer) {
        upstream.pushManifest(REPOSITORY, tag(image.manifest(), ""), MediaType.OCI_INDEX, """
                {"schemaVersion":2,"mediaType":"%s","manifests":[{"mediaType":"%s","digest":"%s","size":1}]}
                """.formatted(
                        MediaType.OCI_INDEX, MediaType.OCI_MANIFEST, referrer));
    }

    @Test
    void signatureUnderCosignsTag_isFound() throws Exception {
        assertThat(verify(signer.publicKey()).body()).contains("\"signed\":false", "it has no signature");
        sign(tag(image.manifest(), ".sig"), image.manifest());
        isSigned();
    }

    @Test
    void signatureAmongTheReferrers_isFound_asABundleToo() throws Exception {
        refer(sign("some", image.manifest()));
        isSigned();
        referToBundle(signer.bundle(image.manifest()));
        isSigned();
    }

    private Digest referToBundle(byte[] bundle) {
        Digest layer = upstream.pushBlob(REPOSITORY, bundle);
        refer(upstream.pushManifest(REPOSITORY, "bundle", MediaType.OCI_MANIFEST, """
                {"schemaVersion":2,"mediaType":"%s","artifactType":"application/vnd.dev.sigstore.bundle.v0.3+json",
                 "config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"%s","size":%d},
                 "layers":[{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","digest":"%s","size":%d}]}
                """.formatted(
                        MediaType.OCI_MANIFEST, layer, bundle.length, layer, bundle.length)));
        return layer;
    }

    @Test
    void whatIsTooLargeForASignature_isNotFetched() throws Exception {
        Digest large = referToBundle(new byte[2_000_000]);
        assertThat(verify(signer.publicKey()).body()).contains("\"signed\":false", "none of its 1 signatures");
        assertThat(upstream.count("GET", "/blobs/" + large)).isZero();
    }

    @Test
    void signatureOfAnotherImage_putHere_isSeenThrough() throws Exception {
        sign(tag(image.manifest(), ".sig"), other.manifest());
        assertThat(verify(signer.publicKey()).body()).contains("\"signed\":false", "signed another image");
    }

    @Test
    void whatIsNotKnown_isNoVerdict() throws Exception {
        assertThat(verify("no key").statusCode()).isEqualTo(405);
        upstream.close();
        HttpResponse<String> down = verify(signer.publicKey());
        assertThat(down.statusCode()).isEqualTo(503);
        assertThat(down.body()).doesNotContain("signed\":");
    }
}
