package dev.larder.nodecache.oci;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a client takes, and the class of answers that it may share with others: a registry may answer one tag with
 * different manifests, by Accept.
 *
 * @param header sent upstream as it is; a client that names no manifest type gets all of them
 */
public record Accept(String header) {

    private static final int MAX_LENGTH = 4096;
    private static final String SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1";
    private static final String ANY = "*/*";

    public Accept {
        // Without a manifest type some registries answer 404 for what they have.
        String given = header;
        if (given.length() > MAX_LENGTH
                || MediaType.MANIFESTS.stream().noneMatch(type -> given.contains(type.value()))) {
            header = MediaType.MANIFESTS.stream().map(MediaType::value).collect(Collectors.joining(", ")) + ", */*";
        }
    }

    /** The same for all headers that name the same manifest types, in any order: a few hexadecimal digits. */
    public String answerClass() {
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
}
