package dev.larder.nodecache.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Reads the config file; never throws for what is in it, and names every problem in one go. */
public final class ConfigReader {

    /** Far above any real file: a bound so that a wrong path (a device, an archive) cannot take the memory. */
    static final int MAX_BYTES = 4 << 20;

    private static final LoadSettings YAML = LoadSettings.builder()
            .setAllowDuplicateKeys(false)
            .setMaxAliasesForCollections(16)
            .setCodePointLimit(MAX_BYTES)
            .build();

    private ConfigReader() {}

    /** Reads a file; one that is missing, unreadable, too long or not UTF-8 is a problem like any other. */
    public static ConfigResult read(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                return rejected("the file is longer than " + MAX_BYTES + " bytes: is this the right file?");
            }
            return parse(Files.readString(file));
        } catch (NoSuchFileException e) {
            return rejected("there is no file " + file + ": name an existing one with --config");
        } catch (CharacterCodingException e) {
            return rejected(file + " is not UTF-8 text");
        } catch (IOException e) {
            return rejected("cannot read " + file + ": " + e.getMessage());
        }
    }

    /** Reads the text of a config file. */
    public static ConfigResult parse(String text) {
        Object root;
        try {
            root = new Load(YAML).loadFromString(text);
        } catch (YamlEngineException e) {
            return rejected("not valid YAML: " + e.getMessage());
        }
        if (!(root instanceof Map<?, ?> map)) {
            return rejected("the file must be a mapping that starts with version: 1");
        }
        List<Problem> problems = new ArrayList<>();
        NodeCacheConfig config = config(map, problems);
        return problems.isEmpty() ? new ConfigResult.Loaded(config) : new ConfigResult.Rejected(problems);
    }

    private static ConfigResult.Rejected rejected(String message) {
        return new ConfigResult.Rejected(List.of(new Problem("", message)));
    }

    private static NodeCacheConfig config(Map<?, ?> values, List<Problem> problems) {
        try (Section file = new Section("", values, problems)) {
            int version = file.number("version", 0, NodeCacheConfig.VERSION, NodeCacheConfig.VERSION);
            if (version == 0 && !values.containsKey("version")) {
                file.problem("version", "is missing: write version: 1");
            }
            String revision = file.text("revision").orElse("");
            String resource = file.text("resource").orElse("default");
            ListenConfig listen = listen(file);
            StorageConfig storage = storage(file);
            LimitsConfig limits = limits(file);
            TimeoutsConfig timeouts = timeouts(file);
            List<RegistryConfig> registries = RegistryReader.registries(file);
            ContainerdConfig containerd = containerd(file);
            if (listen.tls() != null && containerd.manage()) {
                file.problem(
                        "containerd.manage",
                        "is true, and listen.tls is set: containerd's entry is written for plain HTTP only; set it to false");
            }
            return new NodeCacheConfig(revision, resource, listen, storage, limits, timeouts, registries, containerd);
        }
    }

    private static ListenConfig listen(Section file) {
        ListenConfig otherwise = ListenConfig.DEFAULT;
        try (Section section = file.section("listen")) {
            return new ListenConfig(
                    section.parsed("registry", Endpoint::parse).orElse(otherwise.registry()),
                    section.parsed("admin", Endpoint::parse).orElse(otherwise.admin()),
                    section.parsed("runDirectory", ConfigReader::absolute).orElse(otherwise.runDirectory()),
                    tls(section));
        }
    }

    private static @Nullable TlsConfig tls(Section listen) {
        try (Section section = listen.section("tls")) {
            Optional<Path> certificate = section.parsed("certFile", ConfigReader::absolute);
            Optional<Path> key = section.parsed("keyFile", ConfigReader::absolute);
            if (certificate.isPresent() && key.isPresent()) {
                return new TlsConfig(certificate.get(), key.get());
            }
            if (!section.isEmpty()) {
                section.problem("", "needs both certFile and keyFile, absolute paths of PEM files");
            }
            return null;
        }
    }

    private static StorageConfig storage(Section file) {
        StorageConfig otherwise = StorageConfig.DEFAULT;
        try (Section section = file.section("storage")) {
            return new StorageConfig(
                    section.parsed("path", ConfigReader::absolute).orElse(otherwise.path()),
                    section.parsed("size", ConfigReader::atLeastOneMebibyte).orElse(otherwise.size()),
                    section.parsed("minFree", MinFree::parse).orElse(otherwise.minFree()));
        }
    }

    private static LimitsConfig limits(Section file) {
        LimitsConfig otherwise = LimitsConfig.DEFAULT;
        try (Section section = file.section("limits")) {
            return new LimitsConfig(
                    section.number("requests", otherwise.requests(), 1, 100_000),
                    section.number("fills", otherwise.fills(), 1, 1_000),
                    section.number("fillsPerUpstream", otherwise.fillsPerUpstream(), 1, 1_000));
        }
    }

    private static TimeoutsConfig timeouts(Section file) {
        TimeoutsConfig otherwise = TimeoutsConfig.DEFAULT;
        var least = java.time.Duration.ofMillis(10);
        try (Section section = file.section("timeouts")) {
            return new TimeoutsConfig(
                    section.duration("connect", otherwise.connect(), least),
                    section.duration("firstByteWarm", otherwise.firstByteWarm(), least),
                    section.duration("firstByteCold", otherwise.firstByteCold(), least),
                    section.duration("idle", otherwise.idle(), least),
                    section.duration("client", otherwise.client(), least),
                    section.duration("shutdown", otherwise.shutdown(), java.time.Duration.ZERO));
        }
    }

    private static ContainerdConfig containerd(Section file) {
        ContainerdConfig otherwise = ContainerdConfig.DEFAULT;
        try (Section section = file.section("containerd")) {
            return new ContainerdConfig(
                    section.flag("manage", otherwise.manage()),
                    section.text("configPath")
                                    .filter(text -> !text.equals("auto"))
                                    .isEmpty()
                            ? otherwise.configPath()
                            : section.parsed("configPath", ConfigReader::absolute),
                    section.parsed("hostRoot", text -> text.isEmpty() ? Path.of("/") : absolute(text))
                            .orElse(otherwise.hostRoot()));
        }
    }

    static Path absolute(String text) {
        Path path = Path.of(text); // InvalidPathException is an IllegalArgumentException
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException("must be an absolute path");
        }
        return path.normalize();
    }

    private static DataSize atLeastOneMebibyte(String text) {
        DataSize size = DataSize.parse(text);
        if (size.bytes() < 1 << 20) {
            throw new IllegalArgumentException("must be at least 1Mi");
        }
        return size;
    }
}
