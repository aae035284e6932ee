package dev.larder.nodecache.config;

import dev.larder.nodecache.error.InvalidRequest;
import dev.larder.nodecache.oci.ImageName;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.Event;

/** Reads the config file; never throws for what is in it, and names every problem in one go. */
public final class ConfigReader {

    /** Far above any real file: a bound so that a wrong path (a device, an archive) cannot take the memory. */
    static final int MAX_BYTES = 4 << 20;

    private static final int MAX_DEPTH = 32;
    private static final int MAX_PINS = 10_000;
    private static final Duration LONGEST_TIMEOUT = Duration.ofDays(1);

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
        List<Problem> problems = new ArrayList<>();
        Optional<Map<?, ?>> map = mapping(text, problems);
        if (map.isEmpty()) {
            return new ConfigResult.Rejected(problems);
        }
        NodeCacheConfig config = config(map.get(), problems);
        return problems.isEmpty() ? new ConfigResult.Loaded(config) : new ConfigResult.Rejected(problems);
    }

    /** The whole of a YAML text, of which JSON is a part; empty, with the problem, when it is no mapping. */
    static Optional<Map<?, ?>> mapping(String text, List<Problem> problems) {
        LoadSettings settings = settings(text);
        Object root;
        try {
            if (isTooDeep(text, settings)) {
                problems.add(new Problem(
                        "",
                        "lists and mappings stand in each other more than " + MAX_DEPTH
                                + " deep: is this the right file?"));
                return Optional.empty();
            }
            root = new Load(settings).loadFromString(text);
        } catch (RuntimeException e) {
            // The library has its own exception, and others for texts that it did not think of (ConfigFuzzTest).
            problems.add(new Problem("", "not valid YAML: " + e.getMessage()));
            return Optional.empty();
        }
        if (root instanceof Map<?, ?> map) {
            return Optional.of(map);
        }
        problems.add(new Problem("", "the file must be a mapping that starts with version: 1"));
        return Optional.empty();
    }

    private static LoadSettings settings(String text) {
        return LoadSettings.builder()
                .setAllowDuplicateKeys(false)
                // A list that holds itself, by way of an alias, is more than a map of keys can bear.
                .setMaxAliasesForCollections(0)
                .setCodePointLimit(MAX_BYTES)
                // All at once: the reader fails where a buffer ends within a character beyond the first 65536.
                .setBufferSize(text.length() + 1)
                .build();
    }

    /** Known before the whole is loaded: loading calls itself once for each level. */
    private static boolean isTooDeep(String text, LoadSettings settings) {
        int depth = 0;
        for (Event event : new Parse(settings).parseString(text)) {
            switch (event.getEventId()) {
                case SequenceStart, MappingStart -> depth++;
                case SequenceEnd, MappingEnd -> depth--;
                default -> {}
            }
            if (depth > MAX_DEPTH) {
                return true;
            }
        }
        return false;
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
            requireRegistries(file, storage.pins(), registries);
            ContainerdConfig containerd = containerd(file);
            if (listen.tls() != null && listen.tls().caFile() == null && containerd.manage()) {
                file.problem(
                        "listen.tls.caFile",
                        "is missing: containerd has to be told which authority signed certFile; name its PEM file, or set"
                                + " containerd.manage to false");
            }
            return new NodeCacheConfig(
                    revision, resource, listen, storage, limits, timeouts, registries, containerd, mirror(file));
        }
    }

    private static void requireRegistries(Section file, List<ImageName> pins, List<RegistryConfig> registries) {
        for (ImageName pin : pins) {
            String host = pin.repository().registry().value();
            if (registries.stream().noneMatch(registry -> registry.host().equals(host))) {
                file.problem(
                        "storage.pins",
                        "\"" + pin + "\": no registry here has the host " + host + "; add it, or unpin the image");
            }
        }
    }

    private static ListenConfig listen(Section file) {
        ListenConfig otherwise = ListenConfig.DEFAULT;
        try (Section section = file.section("listen")) {
            return new ListenConfig(
                    section.parsed("registry", Endpoint::parse).orElse(otherwise.registry()),
                    section.parsed("admin", Endpoint::parse).orElse(otherwise.admin()),
                    section.parsed("runDirectory", ConfigReader::absolute).orElse(otherwise.runDirectory()),
                    tls(section),
                    jobs(section));
        }
    }

    private static @Nullable JobsConfig jobs(Section listen) {
        try (Section section = listen.section("jobs")) {
            Optional<Endpoint> address = section.parsed("address", Endpoint::parse);
            Optional<Path> certificate = section.parsed("certFile", ConfigReader::absolute);
            Optional<Path> key = section.parsed("keyFile", ConfigReader::absolute);
            Optional<Path> clients = section.parsed("clientCaFile", ConfigReader::absolute);
            Optional<String> name = section.text("clientName");
            if (address.isPresent()
                    && certificate.isPresent()
                    && key.isPresent()
                    && clients.isPresent()
                    && name.isPresent()) {
                return new JobsConfig(
                        address.get(), new TlsConfig(certificate.get(), key.get(), null), clients.get(), name.get());
            }
            if (!section.isEmpty()) {
                section.problem("", "needs address, certFile, keyFile, clientCaFile and clientName");
            }
            return null;
        }
    }

    private static @Nullable Path mirror(Section file) {
        try (Section section = file.section("mirror")) {
            return section.parsed("folder", ConfigReader::absolute).orElse(null);
        }
    }

    private static @Nullable TlsConfig tls(Section listen) {
        try (Section section = listen.section("tls")) {
            Optional<Path> certificate = section.parsed("certFile", ConfigReader::absolute);
            Optional<Path> key = section.parsed("keyFile", ConfigReader::absolute);
            Optional<Path> authority = section.parsed("caFile", ConfigReader::absolute);
            if (certificate.isPresent() && key.isPresent()) {
                return new TlsConfig(certificate.get(), key.get(), authority.orElse(null));
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
                    section.parsed("minFree", MinFree::parse).orElse(otherwise.minFree()),
                    pins(section));
        }
    }

    private static List<ImageName> pins(Section storage) {
        List<ImageName> pins = new ArrayList<>();
        List<String> texts = storage.strings("pins");
        for (int n = 0; n < texts.size(); n++) {
            try {
                pins.add(ImageName.parse(texts.get(n)));
            } catch (InvalidRequest e) {
                storage.problem("pins[" + n + "]", "\"" + texts.get(n) + "\": " + e.getMessage());
            }
        }
        if (pins.size() > MAX_PINS) {
            storage.problem("pins", "has " + pins.size() + " images: pin at most " + MAX_PINS);
        }
        return pins;
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
        Duration least = Duration.ofMillis(10);
        try (Section section = file.section("timeouts")) {
            return new TimeoutsConfig(
                    section.duration("connect", otherwise.connect(), least, LONGEST_TIMEOUT),
                    section.duration("firstByteWarm", otherwise.firstByteWarm(), least, LONGEST_TIMEOUT),
                    section.duration("firstByteCold", otherwise.firstByteCold(), least, LONGEST_TIMEOUT),
                    section.duration("idle", otherwise.idle(), least, LONGEST_TIMEOUT),
                    section.duration("client", otherwise.client(), least, LONGEST_TIMEOUT),
                    section.duration("shutdown", otherwise.shutdown(), Duration.ZERO, LONGEST_TIMEOUT));
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
