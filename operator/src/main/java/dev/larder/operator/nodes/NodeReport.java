package dev.larder.operator.nodes;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A node cache's {@code /status}, as far as the operator uses it; node-cache/README.md has the whole of it. Unknown keys
 * are ignored, so that a newer node cache can say more.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record NodeReport(
        String version,
        String resource,
        boolean ready,
        Config config,
        Storage storage,
        List<Registry> registries,
        @Nullable HostsWriter hostsWriter,
        Mirror mirror) {

    public NodeReport {
        version = orEmpty(version);
        resource = orEmpty(resource);
        config = config == null ? new Config("", List.of()) : config;
        storage = storage == null ? Storage.UNKNOWN : storage;
        registries = registries == null ? List.of() : List.copyOf(registries);
        mirror = mirror == null ? Mirror.NONE : mirror;
    }

    private static String orEmpty(String text) {
        return text == null ? "" : text;
    }

    /** @param problems what is wrong with the newest file, if it could not be loaded */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Config(String revision, List<String> problems) {
        public Config {
            revision = orEmpty(revision);
            problems = problems == null ? List.of() : List.copyOf(problems);
        }
    }

    /** Bytes are 0 where the node cache did not say them. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Storage(
            String path, boolean writable, String message, long usedBytes, long freeBytes, long minFreeBytes) {
        public static final Storage UNKNOWN = new Storage("", true, "");

        public Storage {
            path = orEmpty(path);
            message = orEmpty(message);
        }

        /** With room for everything. */
        public Storage(String path, boolean writable, String message) {
            this(path, writable, message, 0, 0, 0);
        }

        /** Whether less than {@code minFreeBytes} would be free even if the cache kept nothing at all. */
        boolean lacksRoom() {
            return freeBytes + usedBytes < minFreeBytes;
        }
    }

    /** Counts are since the node cache started. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Registry(
            String host, long requests, long hits, @Nullable Long rateLimitRemaining, List<Upstream> upstreams) {
        public Registry {
            host = orEmpty(host);
            upstreams = upstreams == null ? List.of() : List.copyOf(upstreams);
        }
    }

    /**
     * @param state Up, Down or Unknown
     * @param credentials Valid, Invalid or Unknown
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Upstream(String url, String state, String credentials, String lastError) {
        public Upstream {
            url = orEmpty(url);
            state = orEmpty(state);
            credentials = orEmpty(credentials);
            lastError = orEmpty(lastError);
        }
    }

    /**
     * @param manage as the configuration it has loaded says
     * @param restored nothing of ours is on the node: for good when {@code manage} is false, else for the moment
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record HostsWriter(
            boolean manage,
            String revision,
            boolean cacheAnswers,
            String message,
            @Nullable ConfigPath configPath,
            List<HostsEntry> registries,
            boolean restored) {
        public HostsWriter {
            revision = orEmpty(revision);
            message = orEmpty(message);
            registries = registries == null ? List.of() : List.copyOf(registries);
        }

        /** Nothing of ours is on the node, and the hosts writer will put nothing there. */
        public boolean restoredForGood() {
            return !manage && restored;
        }
    }

    /**
     * What containerd's own configuration says.
     *
     * @param raw config_path in force on containerd 2; empty when it is not set
     * @param rawOnContainerd1 the same on containerd 1, where a drop-in's plugin section replaces the one before it
     * @param source the file it was read from
     * @param used the folder the hosts writer writes to
     * @param localPullForced some setting makes containerd 2.1 and later use its older pull path
     * @param mirrorsSection a mirrors section is set, which containerd does not take beside config_path
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record ConfigPath(
            String raw,
            String rawOnContainerd1,
            String source,
            String used,
            boolean localPullForced,
            int configVersion,
            boolean mirrorsSection) {
        public ConfigPath {
            raw = orEmpty(raw);
            rawOnContainerd1 = orEmpty(rawOnContainerd1);
            source = orEmpty(source);
            used = orEmpty(used);
        }
    }

    /**
     * The mirrored tags on this node.
     *
     * @param revisions of the table's files, by name
     * @param kept tags whose content is to be here
     * @param ready those of them that have it
     * @param waiting the others; no more than the first hundred
     * @param waitingNames all the others; null when they were not asked for, or are too many, or the node cache is older
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Mirror(
            Map<String, String> revisions,
            List<String> problems,
            int tags,
            int kept,
            int ready,
            List<WaitingTag> waiting,
            @Nullable WaitingNames waitingNames) {
        /** Of a node that mirrors nothing. */
        public static final Mirror NONE = new Mirror(Map.of(), List.of(), 0, 0, 0, List.of(), null);

        public Mirror {
            revisions = revisions == null ? Map.of() : Map.copyOf(revisions);
            problems = problems == null ? List.of() : List.copyOf(problems);
            waiting = waiting == null ? List.of() : List.copyOf(waiting);
        }
    }

    /** @param tag with its registry and repository */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record WaitingTag(String resource, String tag, String digest, String message) {
        public WaitingTag {
            resource = orEmpty(resource);
            tag = orEmpty(tag);
            digest = orEmpty(digest);
            message = orEmpty(message);
        }
    }

    /** @param state Present, Withdrawn, Restored or Failed */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record HostsEntry(String host, String state, String message) {
        public HostsEntry {
            host = orEmpty(host);
            state = orEmpty(state);
            message = orEmpty(message);
        }
    }
}
