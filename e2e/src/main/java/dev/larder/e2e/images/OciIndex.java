package dev.larder.e2e.images;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** What an OCI archive with one image says of it. */
record OciIndex(String name, String manifestDigest, List<BuiltImage.Layer> layers) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String INDEX = "index.json";
    /** containerd takes this annotation as the image's name, whatever its import is told of prefixes. */
    private static final String CONTAINERD_NAME = "io.containerd.image.name";

    OciIndex {
        layers = List.copyOf(layers);
    }

    /** Copies an archive, giving its only image a name for containerd and a platform that import can choose by. */
    static void name(Path from, Path to, String reference, Architecture architecture) throws IOException {
        Path part = to.resolveSibling(to.getFileName() + ".naming");
        try (TarArchiveInputStream in = open(from);
                TarArchiveOutputStream out =
                        new TarArchiveOutputStream(new BufferedOutputStream(Files.newOutputStream(part)))) {
            for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                if (entry.getName().equals(INDEX)) {
                    byte[] named = named(in.readAllBytes(), reference, architecture);
                    entry.setSize(named.length);
                    out.putArchiveEntry(entry);
                    out.write(named);
                } else {
                    out.putArchiveEntry(entry);
                    in.transferTo(out);
                }
                out.closeArchiveEntry();
            }
        }
        Files.move(part, to, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    private static byte[] named(byte[] index, String reference, Architecture architecture) throws IOException {
        JsonNode tree = JSON.readTree(index);
        ObjectNode image = (ObjectNode) tree.required("manifests").required(0);
        ((ObjectNode) image.required("annotations")).put(CONTAINERD_NAME, reference);
        image.putObject("platform").put("architecture", architecture.oci()).put("os", "linux");
        return JSON.writeValueAsString(tree).getBytes(StandardCharsets.UTF_8);
    }

    static OciIndex read(Path archive) throws IOException {
        JsonNode image =
                JSON.readTree(entry(archive, INDEX)).required("manifests").required(0);
        String digest = image.required("digest").asText();
        JsonNode manifest = JSON.readTree(blob(archive, digest));
        JsonNode config = JSON.readTree(
                blob(archive, manifest.required("config").required("digest").asText()));
        List<BuiltImage.Layer> layers = new ArrayList<>();
        for (JsonNode layer : manifest.required("layers")) {
            String layerName = config.required("history")
                    .required(layers.size())
                    .path("comment")
                    .asText();
            layers.add(new BuiltImage.Layer(layerName, layer.required("size").asLong()));
        }
        return new OciIndex(
                image.required("annotations").required(CONTAINERD_NAME).asText(), digest, layers);
    }

    /** A blob's bytes; for the small ones. */
    static byte[] blob(Path archive, String digest) throws IOException {
        return entry(archive, "blobs/" + digest.replace(':', '/'));
    }

    private static byte[] entry(Path archive, String name) throws IOException {
        try (TarArchiveInputStream in = open(archive)) {
            for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                if (entry.getName().equals(name)) {
                    return in.readAllBytes();
                }
            }
        }
        throw new ImageBuildException(archive + " is no OCI archive: it has no " + name + ".");
    }

    private static TarArchiveInputStream open(Path archive) throws IOException {
        return new TarArchiveInputStream(new BufferedInputStream(Files.newInputStream(archive)));
    }
}
