package dev.larder.nodecache.upstream;

import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Which token servers an upstream's challenge may name. */
final class TokenRealms {

    private TokenRealms() {}

    /**
     * The realm as an address that may be asked; what its name stands for is still to be looked at.
     *
     * @param inside whether the upstream is inside this node itself, and may name a token server there
     * @param withCredentials then it must also belong to the upstream: the same host or the same registrable domain
     */
    static Optional<URI> allowed(URI upstream, boolean inside, String realm, boolean withCredentials) {
        URI uri;
        try {
            uri = URI.create(realm);
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
        return secure && domain(own).equals(domain(other)) && !domain(own).isEmpty()
                ? Optional.of(uri)
                : Optional.empty();
    }

    /** The last two labels, or three where the last but one looks like a country's {@code co} or {@code com}. */
    private static String domain(String host) {
        List<String> labels = Arrays.asList(host.split("\\.", -1));
        int n = labels.size();
        boolean address = host.indexOf(':') >= 0 || labels.get(n - 1).matches("\\d+");
        if (address || n < 2) {
            return "";
        }
        int take = n > 2 && labels.get(n - 1).length() == 2 && labels.get(n - 2).length() <= 3 ? 3 : 2;
        return String.join(".", labels.subList(n - take, n));
    }
}
