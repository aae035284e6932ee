package dev.larder.nodecache.containerd;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlArray;
import org.tomlj.TomlTable;

/**
 * Whether containerd would take a hosts.toml that is valid TOML. It drops a whole file for one wrong value, with no
 * more than a log line, so a host of ours in such a file would never be used.
 */
final class ForeignHosts {

    private static final Set<String> CAPABILITIES = Set.of("pull", "resolve", "push", "referrers");
    private static final Pattern GO_DURATION =
            Pattern.compile("|[+-]?(?:0|(?:(?:\\d+\\.?\\d*|\\.\\d+)(?:ns|us|µs|ms|s|m|h))+)");

    private ForeignHosts() {}

    /** What containerd, or we, cannot live with; empty when the file is fine. */
    static Optional<String> problem(TomlTable root, String cacheUrl) {
        Object server = root.get("server");
        if (server != null && !(server instanceof String)) {
            return Optional.of("server must be a text");
        }
        Optional<String> problem = hostProblem("the top level", root);
        Object hosts = root.get("host");
        if (problem.isPresent() || hosts == null) {
            return problem;
        }
        if (!(hosts instanceof TomlTable table)) {
            return Optional.of("host must be a table, as in [host.\"https://registry.example\"]");
        }
        for (String url : table.keySet()) {
            if (!(table.get(List.of(url)) instanceof TomlTable host)) {
                return Optional.of("host.\"" + url + "\" must be a table");
            }
            if (url.equals(cacheUrl)) {
                return Optional.of("it names " + cacheUrl + " itself: remove that table, Larder writes it");
            }
            problem = hostProblem("host \"" + url + "\"", host);
            if (problem.isPresent()) {
                return problem;
            }
        }
        return Optional.empty();
    }

    private static Optional<String> hostProblem(String place, TomlTable host) {
        Object capabilities = host.get("capabilities");
        if (capabilities != null
                && !isList(
                        capabilities,
                        v -> v instanceof String s && CAPABILITIES.contains(s.toLowerCase(Locale.ROOT)))) {
            return Optional.of("capabilities of " + place + " must be a list of pull, resolve, push, referrers");
        }
        if (wrong(host.get("skip_verify"), Boolean.class) || wrong(host.get("override_path"), Boolean.class)) {
            return Optional.of("skip_verify and override_path of " + place + " must be true or false");
        }
        Object ca = host.get("ca");
        if (ca != null && !(ca instanceof String) && !isList(ca, String.class::isInstance)) {
            return Optional.of("ca of " + place + " must be a text or a list of texts");
        }
        Object client = host.get("client");
        if (client != null && !(client instanceof String) && !isList(client, ForeignHosts::isClient)) {
            return Optional.of("client of " + place + " must be a text, a list of texts, or a list of pairs");
        }
        Object dial = host.get("dial_timeout");
        if (dial != null
                && !(dial instanceof String text && GO_DURATION.matcher(text).matches())) {
            return Optional.of("dial_timeout of " + place + " must be a duration such as \"500ms\"");
        }
        return headerProblem(place, host.get("header"));
    }

    private static Optional<String> headerProblem(String place, @Nullable Object header) {
        if (header == null) {
            return Optional.empty();
        }
        if (header instanceof TomlTable table
                && table.entrySet().stream()
                        .allMatch(e ->
                                e.getValue() instanceof String || isList(e.getValue(), String.class::isInstance))) {
            return Optional.empty();
        }
        return Optional.of("header of " + place + " must be a table of texts or lists of texts");
    }

    private static boolean wrong(@Nullable Object value, Class<?> type) {
        return value != null && !type.isInstance(value);
    }

    private static boolean isClient(Object value) {
        return value instanceof String
                || (value instanceof TomlArray pair && pair.size() == 2 && isList(pair, String.class::isInstance));
    }

    private static boolean isList(Object value, Predicate<Object> element) {
        return value instanceof TomlArray array && array.toList().stream().allMatch(element);
    }
}
