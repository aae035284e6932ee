package dev.larder.nodecache.containerd;

import dev.larder.nodecache.containerd.TomlStatements.Kind;
import dev.larder.nodecache.containerd.TomlStatements.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlTable;

/**
 * What our hosts.toml files say; no I/O. Hosts are written as {@code [host."url"]} headers only, because containerd 2
 * finds them, and their order, by nothing else. A host with plain http gets no TLS key: containerd would try TLS first.
 */
final class HostsToml {

    /** Loopback either answers at once or refuses at once; this is for a full accept queue. */
    private static final String CACHE_DIAL_TIMEOUT = "500ms";

    /** containerd asks every host for every object and remembers nothing, so a dark upstream must be cheap. */
    private static final String UPSTREAM_DIAL_TIMEOUT = "5s";

    private static final String CAPABILITIES = "  capabilities = [\"pull\", \"resolve\"]\n";

    private static final Pattern MARKER = Pattern.compile("# Managed by Larder, RegistryCache ([A-Za-z0-9._-]+): .*");
    private static final Pattern CACHE_URL =
            Pattern.compile("(?m)^\\[host\\.\"(https?://[^\"]+)\"]\\R.*\\R  dial_timeout");

    private HostsToml() {}

    /** The outcome of putting our host before what somebody else wrote. */
    sealed interface Merge {
        record Merged(String text) implements Merge {}

        /** @param reason what is wrong with the foreign text, for a person */
        record Unusable(String reason) implements Merge {}
    }

    /** A whole file of ours: the cache first, the upstreams after it in their order. */
    static String fresh(String resource, HostsEntry entry) {
        StringBuilder text = new StringBuilder(markerLine(resource));
        HostsUpstream server = entry.upstreams().getLast();
        text.append("server = ").append(TomlText.string(server.hostsUrl())).append('\n');
        text.append(upstreamKeys(resource, server, ""));
        text.append('\n').append(cacheTable(resource, entry));
        for (HostsUpstream upstream : distinct(entry).values()) {
            text.append('\n').append(header(upstream.hostsUrl())).append(CAPABILITIES);
            text.append(upstreamKeys(resource, upstream, "  "));
            text.append("  dial_timeout = \"").append(UPSTREAM_DIAL_TIMEOUT).append("\"\n");
        }
        return text.toString();
    }

    /** The foreign text with the cache as its first host; everything else in it stays as it is, comments included. */
    static Merge merged(String resource, HostsEntry entry, String foreign) {
        String text = foreign.startsWith("\uFEFF") ? foreign.substring(1) : foreign;
        TomlDocument read = TomlDocument.of(text);
        Optional<String> problem = read.problem().or(() -> ForeignHosts.problem(read.table(), entry.cacheUrl()));
        if (problem.isPresent()) {
            return new Merge.Unusable(problem.get());
        }
        String merged = insert(resource, entry, text, read.table());
        return TomlDocument.of(merged)
                .problem()
                .<Merge>map(wrong -> new Merge.Unusable("no host can be put before its own: " + wrong))
                .orElseGet(() -> new Merge.Merged(merged));
    }

    private static String insert(String resource, HostsEntry entry, String text, TomlTable parsed) {
        String newline = text.contains("\r\n") ? "\r\n" : "\n";
        List<Statement> statements = TomlStatements.of(text);
        int header = 0;
        while (header < statements.size() && statements.get(header).kind() != Kind.HEADER) {
            header++;
        }
        int split = header;
        while (header < statements.size()
                && split > 0
                && statements.get(split - 1).kind() == Kind.COMMENT) {
            split--; // these comments speak of the table below them
        }
        StringBuilder out = new StringBuilder(markerLine(resource).replace("\n", newline));
        for (Statement statement : statements.subList(0, split)) {
            out.append(asDottedKeys(statement.in(text), parsed, newline));
        }
        if (!out.toString().endsWith("\n")) {
            out.append(newline);
        }
        if (split > 0 && statements.get(split - 1).kind() != Kind.BLANK) {
            out.append(newline);
        }
        out.append(cacheTable(resource, entry).replace("\n", newline));
        if (split < statements.size()) {
            out.append(newline).append(text.substring(statements.get(split).start()));
        }
        return out.toString();
    }

    /**
     * {@code host = {...}} cannot be added to, the same as dotted keys can. containerd 2 finds neither form and
     * containerd 1 both, so this changes nothing for either.
     */
    private static String asDottedKeys(String statement, TomlTable parsed, String newline) {
        TomlTable alone = TomlDocument.of(statement).table();
        TomlTable hosts = parsed.getTable("host");
        if (hosts == null
                || !alone.keySet().contains("host")
                || !statement.strip().matches("(?s)[\"']?host[\"']?\\s*=.*")) {
            return statement;
        }
        StringBuilder dotted = new StringBuilder();
        for (String url : hosts.keySet()) {
            if (hosts.get(List.of(url)) instanceof TomlTable host) {
                host.entrySet().forEach(pair -> dotted.append("host.")
                        .append(TomlText.string(url))
                        .append('.')
                        .append(TomlText.string(pair.getKey()))
                        .append(" = ")
                        .append(TomlText.value(pair.getValue()))
                        .append(newline));
            }
        }
        return dotted.toString();
    }

    /** Whose file this is: the resource named by our first line, or empty when the file is not ours. */
    static Optional<String> owner(String text) {
        Matcher matcher = MARKER.matcher(text.lines().findFirst().orElse(""));
        return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    /** The cache that a file of ours names first. */
    static Optional<String> cacheUrl(String ownText) {
        Matcher matcher = CACHE_URL.matcher(ownText);
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    private static String markerLine(String resource) {
        return "# Managed by Larder, RegistryCache " + resource
                + ": changes here are undone, and what was here before comes back when the cache goes.\n";
    }

    private static String cacheTable(String resource, HostsEntry entry) {
        return header(entry.cacheUrl()) + CAPABILITIES + "  dial_timeout = \"" + CACHE_DIAL_TIMEOUT + "\"\n"
                + caKey(resource, entry.cacheTrust().orElse(null), "  ");
    }

    private static String header(String url) {
        return "[host." + TomlText.string(url) + "]\n";
    }

    private static String upstreamKeys(String resource, HostsUpstream upstream, String indent) {
        StringBuilder keys = new StringBuilder();
        if (!upstream.pathPrefix().isEmpty()) {
            keys.append(indent).append("override_path = true\n");
        }
        if (upstream.https() && upstream.skipVerify()) {
            keys.append(indent).append("skip_verify = true\n");
        }
        CaBundle ca = upstream.https() ? upstream.ca().orElse(null) : null;
        keys.append(caKey(resource, ca, indent));
        return keys.toString();
    }

    private static String caKey(String resource, @Nullable CaBundle ca, String indent) {
        return ca == null ? "" : indent + "ca = [" + TomlText.string(ca.fileName(resource)) + "]\n";
    }

    /** All but the last, each URL once: a second table of the same name would make the file invalid. */
    private static Map<String, HostsUpstream> distinct(HostsEntry entry) {
        Map<String, HostsUpstream> byUrl = new LinkedHashMap<>();
        for (HostsUpstream upstream :
                entry.upstreams().subList(0, entry.upstreams().size() - 1)) {
            byUrl.putIfAbsent(upstream.hostsUrl(), upstream);
        }
        byUrl.remove(entry.cacheUrl());
        return byUrl;
    }
}
