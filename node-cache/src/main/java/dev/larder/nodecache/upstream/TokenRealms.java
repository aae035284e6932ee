package dev.larder.nodecache.upstream;

import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Which token servers an upstream's challenge may name. */
final class TokenRealms {

    /** Domains below which each name is another customer's (the private part of the public suffix list, as far as registries live there). */
    private static final Set<String> HOSTERS = Set.of(
            "azurecr.io",
            "amazonaws.com",
            "amazonaws.com.cn",
            "azure.com",
            "cloudfront.net",
            "github.io",
            "gitlab.io",
            "herokuapp.com",
            "jfrog.io",
            "pkg.dev",
            "run.app",
            "windows.net",
            "workers.dev");

    private TokenRealms() {}

    /**
     * The realm as an address that may be asked, a path being one of the upstream's own; what its name stands for is still to
     * be looked at.
     *
     * @param inside whether the upstream is inside this node itself, and may name a token server there
     * @param withCredentials then it must also belong to the upstream: the same host or the same registrable domain, or one
     *     that is listed
     * @param listed other hosts, perhaps with a port, that may be shown the upstream's logins over https
     */
    static Optional<URI> allowed(
            URI upstream, boolean inside, String realm, boolean withCredentials, Set<String> listed) {
        URI uri;
        try {
            uri = upstream.resolve(realm);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        if (uri.getHost() == null || uri.getScheme() == null) {
            return Optional.empty();
        }
        String own = upstream.getHost().toLowerCase(Locale.ROOT);
        String other = uri.getHost().toLowerCase(Locale.ROOT);
        boolean secure = uri.getScheme().equals("https");
        boolean plainAllowed =
                uri.getScheme().equals("http") && upstream.getScheme().equals("http");
        if (!(secure || plainAllowed)) {
            return Optional.empty();
        }
        if (own.equals(other)) {
            return Optional.of(uri);
        }
        if (!inside && RedirectRules.isInternal(other)) {
            return Optional.empty();
        }
        if (!withCredentials) {
            return Optional.of(uri);
        }
        boolean related = domain(own).equals(domain(other)) && !domain(own).isEmpty();
        return secure && (related || listed.contains(authority(uri))) ? Optional.of(uri) : Optional.empty();
    }

    /** Host and port as a list has them: without the port that https has anyway. */
    private static String authority(URI uri) {
        String host = uri.getHost().toLowerCase(Locale.ROOT);
        return uri.getPort() < 0 || uri.getPort() == 443 ? host : host + ":" + uri.getPort();
    }

    /** The last two labels, or three where the last but one looks like a country's {@code co} or {@code com}. */
    private static String domain(String host) {
        List<String> labels = Arrays.asList(host.split("\\.", -1));
        int n = labels.size();
        boolean address = host.indexOf(':') >= 0 || labels.get(n - 1).matches("\\d+");
        if (address || n < 2) {
            return "";
        }
        boolean country = labels.get(n - 1).length() == 2 && labels.get(n - 2).length() <= 3;
        String two = String.join(".", labels.subList(n - 2, n));
        if (HOSTERS.stream().anyMatch(hoster -> host.endsWith("." + hoster))) {
            return host;
        }
        return n > 2 && country ? labels.get(n - 3) + "." + two : two;
    }
}
