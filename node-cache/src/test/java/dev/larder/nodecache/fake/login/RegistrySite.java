package dev.larder.nodecache.fake.login;

import dev.larder.nodecache.fake.FakeImages;
import dev.larder.nodecache.oci.Digest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The registry API of a simulated registry: manifests and blobs behind a gate. */
final class RegistrySite implements Site {

    private static final Pattern PATH = Pattern.compile("/v2/(.+)/(manifests|blobs)/([^/]+)");

    private final FakeImages images;
    private final Gate gate;
    private final BlobWay way;

    /** How a blob that may be had is sent. */
    @FunctionalInterface
    interface BlobWay {
        /** From the registry itself. */
        BlobWay DIRECT = (asked, blob) -> StorageSite.content(asked, blob);

        Reply send(Asked asked, byte[] blob);
    }

    RegistrySite(FakeImages images, Gate gate, BlobWay way) {
        this.images = images;
        this.gate = gate;
        this.way = way;
    }

    @Override
    public Reply answer(Asked asked) {
        Matcher path = PATH.matcher(asked.path());
        if (!path.matches()) {
            return Reply.error(404, "NAME_UNKNOWN", "no such path");
        }
        Optional<Reply> refusal = gate.refuse(asked, path.group(1));
        return refusal.orElseGet(() -> path.group(2).equals("manifests")
                ? manifest(path.group(1), path.group(3))
                : blob(asked, path.group(1), path.group(3)));
    }

    private Reply manifest(String repository, String reference) {
        FakeImages.Manifest manifest = images.manifest(repository, reference);
        return manifest == null
                ? Reply.error(404, "MANIFEST_UNKNOWN", "manifest unknown")
                : new Reply(
                        200,
                        List.of(
                                Map.entry("Content-Type", manifest.type().value()),
                                Map.entry(
                                        "Docker-Content-Digest",
                                        Digest.sha256(manifest.bytes()).toString())),
                        manifest.bytes());
    }

    private Reply blob(Asked asked, String repository, String digest) {
        byte[] blob = images.blob(repository, digest);
        return blob == null
                ? Reply.error(404, "BLOB_UNKNOWN", "blob unknown")
                : asked.isHead() ? StorageSite.content(asked, blob) : way.send(asked, blob);
    }
}
