package dev.larder.e2e.upstream;

import dev.larder.e2e.process.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Signs images with the real cosign and a key pair of its own, which lies in a folder. */
public final class ImageSigner {
    private final Path cosign;
    private final Path folder;

    /** Where cosign puts a signature. */
    public enum Form {
        /** Under a tag made from the image's digest. */
        TAG,
        /** As a bundle among the image's referrers. */
        BUNDLE
    }

    private ImageSigner(Path cosign, Path folder) {
        this.cosign = cosign;
        this.folder = folder;
    }

    /** With a new pair of keys. */
    public static ImageSigner generate(Path cosign, Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var signer = new ImageSigner(cosign, folder);
        signer.run(List.of("generate-key-pair"));
        return signer;
    }

    /** The text of {@code cosign.pub}. */
    public String publicKey() {
        try {
            return Files.readString(folder.resolve("cosign.pub"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Signs {@code repository@digest} at a registry; nothing is told to a transparency log. */
    public void sign(URI registry, String image, Form form) {
        var line = new ArrayList<>(List.of(
                "sign",
                "--yes",
                "--key",
                folder.resolve("cosign.key").toString(),
                "--tlog-upload=false",
                "--allow-http-registry",
                "--new-bundle-format=" + (form == Form.BUNDLE)));
        line.add(registry.getAuthority() + "/" + image);
        run(line);
    }

    private void run(List<String> line) {
        Command.of(line)
                .behind(List.of(cosign.toString()))
                .in(folder)
                .with(Map.of("COSIGN_PASSWORD", "a-password", "HOME", folder.toString(), "SIGSTORE_NO_CACHE", "true"))
                .run();
    }
}
