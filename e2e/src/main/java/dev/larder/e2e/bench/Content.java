package dev.larder.e2e.bench;

import dev.larder.e2e.toolchain.CacheFolder;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/**
 * What is served in the measurements: a folder that looks like a registry to whoever gets its files over HTTP, with one
 * manifest and blobs of several sizes that do not compress.
 *
 * @param large blobs of the largest size, which the manifest does not name
 * @param many blobs of 1 MiB, which it does not name either
 */
record Content(Path folder, List<Blob> blobs, List<Blob> large, List<Blob> many, String manifestDigest) {
    private static final int LARGE = 3;
    private static final int MANY = 150;
    static final String REPOSITORY = "bench/image";
    static final String TAG = "1";
    static final String MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";

    private static final Size MEBIBYTE = new Size("1 MiB", 1L << 20);
    private static final List<Size> SIZES = List.of(
            new Size("1 KiB", 1L << 10), MEBIBYTE, new Size("100 MiB", 100L << 20), new Size("1 GiB", 1L << 30));

    private record Size(String name, long bytes) {}

    /** A blob: the name of its size, its size, and its path below the server. */
    record Blob(String name, long bytes, String digest) {
        String path() {
            return "/v2/" + REPOSITORY + "/blobs/" + digest;
        }
    }

    Content {
        blobs = List.copyOf(blobs);
        large = List.copyOf(large);
        many = List.copyOf(many);
    }

    String manifestPath(String reference) {
        return "/v2/" + REPOSITORY + "/manifests/" + reference;
    }

    Blob largest() {
        return blobs.getLast();
    }

    /** Made once and kept in the cache: 4.2 GiB. */
    static Content prepare(CacheFolder cache) {
        Path folder = cache.entry("bench/content-4", Content::fill);
        try {
            List<String> lines = Files.readAllLines(folder.resolve("digests"));
            List<Blob> blobs = SIZES.stream()
                    .map(size -> new Blob(size.name, size.bytes, lines.get(SIZES.indexOf(size))))
                    .toList();
            int unnamed = SIZES.size();
            int afterLarge = unnamed + LARGE;
            List<Blob> large = blobs(SIZES.getLast(), lines.subList(unnamed, afterLarge));
            List<Blob> many = blobs(MEBIBYTE, lines.subList(afterLarge, afterLarge + MANY));
            return new Content(folder, blobs, large, many, lines.getLast());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Blob> blobs(Size size, List<String> digests) {
        return digests.stream()
                .map(digest -> new Blob(size.name, size.bytes, digest))
                .toList();
    }

    private static void fill(Path folder) {
        try {
            Path blobs = Files.createDirectories(folder.resolve("v2/" + REPOSITORY + "/blobs"));
            Path manifests = Files.createDirectories(folder.resolve("v2/" + REPOSITORY + "/manifests"));
            StringBuilder digests = new StringBuilder();
            StringBuilder layers = new StringBuilder();
            for (Size size : SIZES) {
                String digest = blob(blobs, size.bytes, size.bytes);
                digests.append(digest).append('\n');
                layers.append(layers.isEmpty() ? "" : ",").append("""
                        {"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"%s","size":%d}""".formatted(digest, size.bytes));
            }
            for (int seed = 1; seed <= LARGE; seed++) {
                digests.append(blob(blobs, SIZES.getLast().bytes, seed)).append('\n');
            }
            for (int seed = 1; seed <= MANY; seed++) {
                digests.append(blob(blobs, MEBIBYTE.bytes, seed)).append('\n');
            }
            String config = digests.substring(0, digests.indexOf("\n"));
            // Padded to the size of the manifest of an image of some ten layers.
            byte[] manifest = """
                    {"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"application/vnd.oci.image.config.v1+json",\
                    "digest":"%s","size":1024},"layers":[%s],"annotations":{"padding":"%s"}}""".formatted(MANIFEST_TYPE, config, layers, "x".repeat(700))
                    .getBytes(StandardCharsets.UTF_8);
            String digest = "sha256:" + HexFormat.of().formatHex(sha256().digest(manifest));
            Files.write(manifests.resolve(digest), manifest);
            Files.write(manifests.resolve(TAG), manifest);
            Files.writeString(folder.resolve("digests"), digests + digest + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String blob(Path folder, long bytes, long seed) throws IOException {
        Random random = new Random(seed);
        byte[] piece = new byte[(int) Math.min(bytes, 1 << 20)];
        MessageDigest hash = sha256();
        Path unnamed = folder.resolve("unnamed");
        try (OutputStream out = new DigestOutputStream(Files.newOutputStream(unnamed), hash)) {
            for (long written = 0; written < bytes; written += piece.length) {
                random.nextBytes(piece);
                out.write(piece);
            }
        }
        String digest = "sha256:" + HexFormat.of().formatHex(hash.digest());
        Files.move(unnamed, folder.resolve(digest));
        return digest;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
