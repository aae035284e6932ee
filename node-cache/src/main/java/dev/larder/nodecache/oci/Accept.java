package dev.larder.nodecache.oci;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a client takes, and the class of answers that it may share with others: a registry may answer one tag with
 * different manifests, by Accept.
 */
public final class Accept {

    private static final int MAX_LENGTH = 4096;
    private static final String SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1";
    private static final String ANY = "*/*";

    /** Without a manifest type some registries answer 404 for what they have. */
    private static final Accept ALL = new Accept(
            MediaType.MANIFESTS.stream().map(MediaType::value).collect(Collectors.joining(", ")) + ", " + ANY);

    /** Every request has such a header, and there are only a few different ones. */
    private static final Map<String, Accept> KNOWN = new ConcurrentHashMap<>();

    private static final int MAX_KNOWN = 64;

    private final String header;
    private final String answerClass;

    private Accept(String header) {
        this.header = header;
        this.answerClass = classOf(header);
    }

    /** @param header as it came; one that names no manifest type, or is too long, stands for all of them */
    public static Accept of(String header) {
        Accept known = KNOWN.get(header);
        if (known != null) {
            return known;
        }
        Accept read = header.length() <= MAX_LENGTH && namesManifest(header) ? new Accept(header) : ALL;
        if (KNOWN.size() < MAX_KNOWN && header.length() <= MAX_LENGTH) {
            KNOWN.put(header, read);
        }
        return read;
    }

    private static boolean namesManifest(String header) {
        return MediaType.MANIFESTS.stream().anyMatch(type -> header.contains(type.value()));
    }

    private static String classOf(String header) {
        List<String> members = Arrays.stream(header.split(",", -1))
                .map(member -> member.split(";", 2)[0].trim())
                .toList();
        int bits = 0;
        for (int i = 0; i < MediaType.MANIFESTS.size(); i++) {
            if (members.contains(MediaType.MANIFESTS.get(i).value())) {
                bits |= 1 << i;
            }
        }
        if (members.stream().anyMatch(member -> member.startsWith(SCHEMA_1))) {
            bits |= 1 << 4;
        }
        if (members.contains(ANY)) {
            bits |= 1 << 5;
        }
        return Integer.toHexString(bits);
    }

    /** Sent upstream as it is. */
    public String header() {
        return header;
    }

    /** The same for all headers that name the same manifest types, in any order: a few hexadecimal digits. */
    public String answerClass() {
        return answerClass;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Accept accept && header.equals(accept.header);
    }

    @Override
    public int hashCode() {
        return header.hashCode();
    }

    @Override
    public String toString() {
        return header;
    }
}
