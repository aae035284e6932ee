package dev.larder.nodecache.containerd;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.tomlj.TomlArray;
import org.tomlj.TomlTable;

/**
 * What {@code _default} says, as text for a file in a registry's own folder beside it: the same hosts, and paths that
 * still lead to the same files.
 */
final class DefaultFolder {

    private static final String FROM_BESIDE = "../" + HostsFolderNames.DEFAULT + "/";

    private DefaultFolder() {}

    static ForeignContent content(Path folder, Path shown) throws IOException {
        Path file = folder.resolve(OwnNames.HOSTS_TOML);
        if (DiskSteps.exists(file)) {
            ForeignContent content = ForeignContent.ofFile(file, shown.resolve(OwnNames.HOSTS_TOML));
            if (!(content instanceof ForeignContent.Text(String toml))) {
                return content;
            }
            if (!toml.isEmpty()) {
                return new ForeignContent.Text(moved(toml));
            }
        }
        return ForeignContent.ofCertificates(DiskSteps.names(folder), FROM_BESIDE)
                .<ForeignContent>map(ForeignContent.Text::new)
                .orElseGet(ForeignContent.None::new);
    }

    /** The text as it is when no relative path is in it; else its meaning, written anew. */
    static String moved(String toml) {
        TomlDocument read = TomlDocument.of(toml.startsWith("\uFEFF") ? toml.substring(1) : toml);
        TomlTable root = read.table();
        TomlTable hosts = root.get("host") instanceof TomlTable table ? table : null;
        boolean relative = hasRelative(root)
                || (hosts != null
                        && hosts.keySet().stream()
                                .anyMatch(
                                        url -> hosts.get(List.of(url)) instanceof TomlTable host && hasRelative(host)));
        if (read.problem().isPresent() || !relative) {
            return toml;
        }
        StringBuilder text = new StringBuilder(pairs(root));
        if (hosts != null) {
            for (String url : hosts.keySet()) {
                if (hosts.get(List.of(url)) instanceof TomlTable host) {
                    text.append("\n[host.")
                            .append(TomlText.string(url))
                            .append("]\n")
                            .append(pairs(host));
                }
            }
        }
        return text.toString();
    }

    private static boolean hasRelative(TomlTable table) {
        return List.of("ca", "client").stream().anyMatch(key -> hasRelative(table.get(List.of(key))));
    }

    private static boolean hasRelative(@org.jspecify.annotations.Nullable Object value) {
        return switch (value) {
            case String path -> !path.startsWith("/");
            case TomlArray array -> array.toList().stream().anyMatch(DefaultFolder::hasRelative);
            case null, default -> false;
        };
    }

    private static String pairs(TomlTable table) {
        return table.entrySet().stream()
                .filter(pair -> !pair.getKey().equals("host"))
                .map(pair -> TomlText.string(pair.getKey()) + " = "
                        + (pair.getKey().equals("ca") || pair.getKey().equals("client")
                                ? value(pair.getValue())
                                : TomlText.value(pair.getValue()))
                        + "\n")
                .collect(Collectors.joining());
    }

    private static String value(Object value) {
        return switch (value) {
            case String path -> TomlText.string(path.startsWith("/") ? path : FROM_BESIDE + path);
            case TomlArray array ->
                array.toList().stream().map(DefaultFolder::value).collect(Collectors.joining(", ", "[", "]"));
            default -> TomlText.value(value);
        };
    }
}
