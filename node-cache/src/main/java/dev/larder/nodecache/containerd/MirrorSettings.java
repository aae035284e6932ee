package dev.larder.nodecache.containerd;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlTable;

/** The few keys of containerd's configuration that decide about mirrors, from one file or from several, one after the other. */
final class MirrorSettings {

    private static final String PLUGIN = "io.containerd.cri.v1.images";
    private static final String OLD_PLUGIN = "io.containerd.grpc.v1.cri";
    private static final String OLDEST_PLUGIN = "cri";
    private static final String CONFIG_PATH = "registry.config_path";
    private static final List<String> TABLES = List.of("registry.mirrors", "registry.configs", "registry.auths");
    private static final List<String> KEYS = List.of(
            CONFIG_PATH,
            "use_local_image_pull",
            "discard_unpacked_layers",
            "max_concurrent_downloads",
            "disable_snapshot_annotations",
            "image_pull_with_sync_fs");
    private static final long DEFAULT_DOWNLOADS = 3;

    /** A key's value and the file it is from. */
    private record Setting(Object value, Path file) {}

    private final Map<String, Setting> settings = new TreeMap<>();
    private boolean section;

    /** What one file says to containerd 1: nothing, when it is of version 3. */
    static MirrorSettings on1(Path file, long version, TomlTable content) {
        MirrorSettings read = new MirrorSettings();
        TomlTable cri = version < 3 ? plugin(content, version < 2 ? OLDEST_PLUGIN : OLD_PLUGIN) : null;
        if (cri != null) {
            read.section = true;
            read.take(file, cri, "", KEYS);
            read.takeTables(file, cri);
        }
        return read;
    }

    /** What one file says to containerd 2, which first turns an older version into its own. */
    static MirrorSettings on2(Path file, long version, TomlTable content) {
        MirrorSettings read = new MirrorSettings();
        TomlTable images = plugin(content, PLUGIN);
        if (images != null) {
            read.take(file, images, "", KEYS);
            read.takeTables(file, images);
        }
        TomlTable cri = version < 3 ? plugin(content, version < 2 ? OLDEST_PLUGIN : OLD_PLUGIN) : null;
        if (cri != null) {
            read.take(file, cri, "", List.of(CONFIG_PATH, "max_concurrent_downloads", "image_pull_with_sync_fs"));
            read.takeTables(file, cri);
            if (at(cri, "containerd.runtimes") != null) {
                // so it is: without this table containerd leaves these two behind
                read.take(file, cri, "containerd.", List.of("discard_unpacked_layers", "disable_snapshot_annotations"));
            }
        }
        return read;
    }

    private void take(Path file, TomlTable from, String prefix, List<String> keys) {
        for (String key : keys) {
            Object value = at(from, prefix + key);
            if (value != null) {
                settings.put(key, new Setting(value, file));
            }
        }
    }

    private void takeTables(Path file, TomlTable from) {
        for (String table : TABLES) {
            if (at(from, table) instanceof TomlTable content && !content.isEmpty()) {
                settings.put(table, new Setting(true, file));
            }
        }
    }

    private static @Nullable TomlTable plugin(TomlTable content, String name) {
        return content.get(List.of("plugins")) instanceof TomlTable plugins
                        && plugins.get(List.of(name)) instanceof TomlTable table
                ? table
                : null;
    }

    /** The value at a dotted key; null also when what stands on the way is no table, of which tomlj's own get throws. */
    private static @Nullable Object at(TomlTable from, String key) {
        Object value = from;
        for (String part : key.split("\\.", -1)) {
            value = value instanceof TomlTable table ? table.get(List.of(part)) : null;
        }
        return value;
    }

    /** containerd 1: a later file's section replaces the whole of the earlier one. */
    void replaceBy(MirrorSettings later) {
        if (later.section) {
            settings.clear();
            settings.putAll(later.settings);
        }
    }

    /** containerd 2: key by key, where nothing, zero and false replace nothing. */
    void mergeWith(MirrorSettings later) {
        later.settings.forEach((key, setting) -> {
            boolean empty = Set.of("", 0L, false).contains(setting.value());
            if (!empty || !settings.containsKey(key)) {
                settings.put(key, setting);
            }
        });
    }

    /** Empty when not set, or set to nothing. */
    Optional<String> configPath() {
        return Optional.ofNullable(settings.get(CONFIG_PATH))
                .map(setting -> String.valueOf(setting.value()))
                .filter(value -> !value.isEmpty());
    }

    Optional<Path> source() {
        return Optional.ofNullable(settings.get(CONFIG_PATH)).map(Setting::file);
    }

    boolean mirrorsSection() {
        return settings.containsKey("registry.mirrors");
    }

    List<String> localPullForcedBy() {
        List<String> keys = new ArrayList<>();
        for (String key : List.of("use_local_image_pull", "discard_unpacked_layers", "image_pull_with_sync_fs")) {
            if (is(key, true)) {
                keys.add(key);
            }
        }
        if (is("disable_snapshot_annotations", false)) {
            keys.add("disable_snapshot_annotations");
        }
        if (settings.containsKey("max_concurrent_downloads") && !is("max_concurrent_downloads", DEFAULT_DOWNLOADS)) {
            keys.add("max_concurrent_downloads");
        }
        TABLES.stream().filter(settings::containsKey).forEach(keys::add);
        return keys;
    }

    private boolean is(String key, Object value) {
        Setting setting = settings.get(key);
        return setting != null && setting.value().equals(value);
    }
}
