package dev.larder.nodecache.containerd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What hosts-writer.json says; its fields are explained in node-cache/README.md.
 *
 * @param used the folder of the node that was written to, or would have been
 * @param restored nothing of ours is on the node
 */
public record HostsWriterReport(
        Instant updatedAt,
        boolean manage,
        String revision,
        boolean cacheAnswers,
        String message,
        ContainerdFacts facts,
        Path used,
        List<RegistryState> registries,
        boolean restored,
        int kills) {

    /** The file's name in the run directory. */
    public static final String NAME = "hosts-writer.json";

    /** How a registry stands on this node. */
    public enum State {
        PRESENT("Present"),
        WITHDRAWN("Withdrawn"),
        RESTORED("Restored"),
        FAILED("Failed");

        private final String text;

        State(String text) {
            this.text = text;
        }
    }

    /**
     * One registry.
     *
     * @param foreign whether somebody else's content is kept for it
     * @param message why it failed; empty otherwise
     */
    public record RegistryState(String host, State state, boolean foreign, String message) {}

    public HostsWriterReport {
        registries = List.copyOf(registries);
    }

    /** Whether the two differ in anything but the time. */
    public boolean saysTheSame(HostsWriterReport other) {
        return other.at(updatedAt).equals(this);
    }

    private HostsWriterReport at(Instant time) {
        return new HostsWriterReport(
                time, manage, revision, cacheAnswers, message, facts, used, registries, restored, kills);
    }

    /** Replaces the file, all or nothing, readable for the node cache whatever user it is. */
    public void write(Path runDirectory) throws IOException {
        Path fresh = runDirectory.resolve(NAME + ".new");
        Files.writeString(fresh, json() + "\n");
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-r--r--"));
        Files.move(fresh, runDirectory.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
    }

    String json() {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("updatedAt", updatedAt.toString());
        root.put("manage", manage);
        root.put("revision", revision);
        root.put("cacheAnswers", cacheAnswers);
        root.put("message", message);
        Map<String, Object> path = new LinkedHashMap<>();
        path.put("raw", facts.configPath().orElse(""));
        path.put("rawOnContainerd1", facts.configPathOn1().orElse(""));
        path.put("source", facts.source().map(Path::toString).orElse(""));
        path.put("used", used.toString());
        path.put("localPullForced", !facts.localPullForcedBy().isEmpty());
        path.put("localPullForcedBy", facts.localPullForcedBy());
        path.put("configVersion", facts.version());
        path.put("mirrorsSection", facts.mirrorsSection());
        path.put("problem", facts.problem());
        root.put("configPath", path);
        root.put(
                "registries",
                registries.stream()
                        .map(registry -> {
                            Map<String, Object> one = new LinkedHashMap<>();
                            one.put("host", registry.host());
                            one.put("state", registry.state().text);
                            one.put("foreign", registry.foreign());
                            one.put("message", registry.message());
                            return one;
                        })
                        .toList());
        root.put("restored", restored);
        root.put("kills", kills);
        return Json.of(root);
    }
}
