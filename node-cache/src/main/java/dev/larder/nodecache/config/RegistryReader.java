package dev.larder.nodecache.config;

import dev.larder.nodecache.config.RegistryConfig.Access;
import dev.larder.nodecache.config.RegistryConfig.RepositoryRules;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads the {@code registries} list of the config file. */
final class RegistryReader {

    /** A DNS name, IPv4 address or bracketed IPv6 address, with an optional port, as image names have it. */
    private static final Pattern HOST = Pattern.compile(
            "(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*|\\[[0-9a-f:.]{2,45}])"
                    + "(?::[1-9][0-9]{0,4})?");

    private static final Pattern PREFIX =
            Pattern.compile("(?:[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*)?");

    private static final Map<String, Access> ACCESS = Map.of(
            "Relay", Access.RELAY, "Exchange", Access.EXCHANGE, "Shared", Access.SHARED, "Anonymous", Access.ANONYMOUS);

    private static final Map<String, TagRule.OnDeleted> ON_DELETED =
            Map.of("Refuse", TagRule.OnDeleted.REFUSE, "Serve", TagRule.OnDeleted.SERVE);

    private static final Pattern SHARE = Pattern.compile("[0-9]{1,3}%");

    private static final Duration LONGEST_AGE = Duration.ofDays(3650);

    // As the RegistryCache has them. containerd waits 30 s for an answer, or 5 min before version 2.3.
    private static final Duration LEAST_WAIT = Duration.ofMillis(10);
    private static final Duration LONGEST_CONNECT = Duration.ofMinutes(1);
    private static final Duration LONGEST_FIRST_BYTE = Duration.ofMinutes(2);
    private static final Duration LONGEST_IDLE = Duration.ofMinutes(10);

    private RegistryReader() {}

    static List<RegistryConfig> registries(Section file) {
        List<RegistryConfig> registries = new ArrayList<>();
        Set<String> hosts = new HashSet<>();
        List<Section> sections = file.sections("registries");
        if (sections.isEmpty()) {
            file.problem("registries", "at least one registry is needed, as in - host: docker.io");
        }
        for (Section section : sections) {
            try (section) {
                RegistryConfig registry = registry(section);
                if (!registry.host().isEmpty() && !hosts.add(registry.host())) {
                    section.problem("host", "\"" + registry.host() + "\" stands in the list twice: keep one");
                }
                registries.add(registry);
            }
        }
        return registries;
    }

    private static RegistryConfig registry(Section section) {
        String host = section.parsed("host", RegistryReader::host).orElse("");
        if (section.text("host").isEmpty()) {
            section.problem("host", "is missing: write the registry as it stands in image names, such as docker.io");
        }
        List<UpstreamConfig> upstreams = new ArrayList<>();
        List<Section> upstreamSections = section.sections("upstreams");
        if (upstreamSections.isEmpty()) {
            section.problem("upstreams", "at least one upstream is needed, as in - url: https://registry-1.docker.io");
        }
        for (Section upstream : upstreamSections) {
            try (upstream) {
                upstreams.add(upstream(upstream));
            }
        }
        Access access = section.choice("access", Access.RELAY, ACCESS);
        return new RegistryConfig(host, upstreams, access, repositories(section), tags(section), reserve(section));
    }

    private static RepositoryRules repositories(Section registry) {
        try (Section section = registry.section("repositories")) {
            return new RepositoryRules(section.strings("allow"), section.strings("deny"));
        }
    }

    private static int reserve(Section registry) {
        try (Section section = registry.section("rateBudget")) {
            return section.parsed("reserve", RegistryReader::share).orElse(RegistryConfig.DEFAULT_RESERVE);
        }
    }

    private static int share(String text) {
        int percent = SHARE.matcher(text).matches() ? Integer.parseInt(text, 0, text.length() - 1, 10) : -1;
        if (percent < 0 || percent > 100) {
            throw new IllegalArgumentException(
                    "must be a whole share of the upstream's limit from 0% to 100%, such as 20%");
        }
        return percent;
    }

    private static UpstreamTimeouts timeouts(Section upstream) {
        try (Section section = upstream.section("timeouts")) {
            return new UpstreamTimeouts(
                    section.duration("connect", LEAST_WAIT, LONGEST_CONNECT),
                    section.duration("firstByte", LEAST_WAIT, LONGEST_FIRST_BYTE),
                    section.duration("idle", LEAST_WAIT, LONGEST_IDLE));
        }
    }

    private static UpstreamConfig upstream(Section section) {
        URI url = section.parsed("url", RegistryReader::url).orElse(URI.create("https://invalid"));
        if (section.text("url").isEmpty()) {
            section.problem("url", "is missing: write it as in https://registry-1.docker.io");
        }
        return new UpstreamConfig(
                url,
                section.parsed("pathPrefix", RegistryReader::prefix).orElse(""),
                section.<Path>parsed("caFile", ConfigReader::absolute).orElse(null),
                section.flag("insecureSkipVerify", false),
                section.<Path>parsed("credentialsFile", ConfigReader::absolute).orElse(null),
                tokenServers(section),
                timeouts(section));
    }

    private static Set<String> tokenServers(Section upstream) {
        Set<String> servers = new LinkedHashSet<>();
        for (String text : upstream.strings("tokenServers")) {
            try {
                servers.add(host(text).replaceFirst(":443$", ""));
            } catch (IllegalArgumentException e) {
                upstream.problem(
                        "tokenServers",
                        "\"" + text + "\" must be a host such as auth.example.com, or host:port, in lower case: it is"
                                + " always asked over https, and by the path that the upstream names");
            }
        }
        return servers;
    }

    private static List<TagRule> tags(Section registry) {
        List<TagRule> rules = new ArrayList<>();
        TagRule otherwise = TagRule.DEFAULT;
        for (Section section : registry.sections("tags")) {
            try (section) {
                rules.add(new TagRule(
                        section.text("pattern").orElse(otherwise.pattern()),
                        section.duration("freshFor", otherwise.freshFor(), Duration.ZERO, LONGEST_AGE),
                        section.duration(
                                "staleWhileRevalidate", otherwise.staleWhileRevalidate(), Duration.ZERO, LONGEST_AGE),
                        section.duration("staleIfError", otherwise.staleIfError(), Duration.ZERO, LONGEST_AGE),
                        section.choice("onDeletedUpstream", otherwise.onDeletedUpstream(), ON_DELETED)));
            }
        }
        if (rules.isEmpty() || !rules.getLast().pattern().equals("*")) {
            rules.add(otherwise);
        }
        return rules;
    }

    private static String host(String text) {
        if (text.length() > 255 || !HOST.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "must be a registry as it stands in image names: host or host:port in lower case, no scheme, no path");
        }
        return text;
    }

    private static String prefix(String text) {
        if (text.length() > 255 || !PREFIX.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "must be a repository path such as docker-hub-proxy, no slash at its ends");
        }
        return text;
    }

    private static URI url(String text) {
        URI url;
        try {
            url = new URI(text);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("is not a URL: " + e.getReason(), e);
        }
        boolean scheme = "https".equals(url.getScheme()) || "http".equals(url.getScheme());
        boolean bare = url.getRawUserInfo() == null
                && url.getRawQuery() == null
                && url.getRawFragment() == null
                && (url.getRawPath() == null
                        || url.getRawPath().isEmpty()
                        || url.getRawPath().equals("/"));
        if (!scheme || url.getHost() == null || url.getPort() == 0 || url.getPort() > 65535 || !bare) {
            throw new IllegalArgumentException(
                    "must be https://host or http://host with an optional port; a path goes into pathPrefix, a user into credentialsFile");
        }
        return URI.create(url.getScheme() + "://" + url.getRawAuthority());
    }
}
