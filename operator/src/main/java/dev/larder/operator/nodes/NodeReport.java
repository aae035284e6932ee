package dev.larder.operator.nodes;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;
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
        @Nullable HostsWriter hostsWriter) {

    public NodeReport {
        version = orEmpty(version);
        resource = orEmpty(resource);
        config = config == null ? new Config("", List.of()) : config;
        storage = storage == null ? new Storage("", true, "") : storage;
        registries = registries == null ? List.of() : List.copyOf(registries);
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

    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Storage(String path, boolean writable, String message) {
        public Storage {
            path = orEmpty(path);
            message = orEmpty(message);
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
