package dev.larder.nodecache.containerd;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What containerd would go by for a registry if we were not there, as hosts.toml text: a file, the certificate files
 * that stand in for one, or the {@code _default} folder.
 */
sealed interface ForeignContent {

    /** Nothing: containerd would go straight to the registry. */
    record None() implements ForeignContent {}

    record Text(String toml) implements ForeignContent {}

    /** There is something, and we must leave it alone. */
    record Unreadable(String reason) implements ForeignContent {}

    int MAX_BYTES = 1 << 20;

    /** Reads a file; one with nothing in it counts as absent, as it does for containerd. */
    static ForeignContent ofFile(Path file, Path shown) throws IOException {
        if (!DiskSteps.isFile(file)) {
            // where a link leads cannot be told from inside a container
            return new Unreadable(shown + " is not a plain file: put the file itself there, or leave out the registry");
        }
        if (Files.size(file) > MAX_BYTES) {
            return new Unreadable(shown + " is longer than " + MAX_BYTES + " bytes; Larder leaves it alone");
        }
        try {
            return new Text(Files.readString(file));
        } catch (CharacterCodingException e) {
            return new Unreadable(shown + " is not UTF-8, so containerd ignores it: mend or remove it");
        }
    }

    /** Without a hosts.toml containerd takes *.crt as trust and *.cert, *.key as client certificates. */
    static Optional<String> ofCertificates(List<String> fileNames, String prefix) {
        List<String> trust = fileNames.stream()
                .filter(name -> name.endsWith(".crt"))
                .map(name -> TomlText.string(prefix + name))
                .toList();
        List<String> clients = fileNames.stream()
                .filter(name -> name.endsWith(".cert"))
                .map(name -> client(name, fileNames, prefix))
                .toList();
        if (trust.isEmpty() && clients.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of((trust.isEmpty() ? "" : "ca = [" + String.join(", ", trust) + "]\n")
                + (clients.isEmpty() ? "" : "client = [" + String.join(", ", clients) + "]\n"));
    }

    private static String client(String certificate, List<String> fileNames, String prefix) {
        String key = certificate.substring(0, certificate.length() - ".cert".length()) + ".key";
        String quoted = TomlText.string(prefix + certificate);
        return fileNames.contains(key) ? "[" + quoted + ", " + TomlText.string(prefix + key) + "]" : quoted;
    }
}
