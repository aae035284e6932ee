package dev.larder.nodecache.upstream;

import dev.larder.nodecache.error.UpstreamFailure;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;

/** Where an upstream may send us, and what goes along. */
final class RedirectRules {

    static final int MAX_REDIRECTS = 5;

    /** Metadata services that are not link-local: Amazon's on IPv6, Alibaba's, Oracle's older one. */
    private static final Set<InetAddress> METADATA = Set.of(
            InetAddress.ofLiteral("fd00:ec2::254"),
            InetAddress.ofLiteral("100.100.100.200"),
            InetAddress.ofLiteral("192.0.0.192"));

    private RedirectRules() {}

    /**
     * The redirect's target.
     *
     * @throws UpstreamFailure when it leads from a public upstream into the node or its metadata service, from https to
     *     http, or nowhere
     */
    static URI follow(URI upstream, URI from, String location) {
        URI target;
        try {
            target = from.resolve(location);
        } catch (IllegalArgumentException e) {
            throw refused(upstream, "a redirect that is no address");
        }
        String scheme = Objects.requireNonNullElse(target.getScheme(), "");
        if (target.getHost() == null || !(scheme.equals("https") || scheme.equals("http"))) {
            throw refused(upstream, "a redirect to something other than http or https");
        }
        if (from.getScheme().equals("https") && scheme.equals("http")) {
            throw refused(upstream, "a redirect from https to http");
        }
        if (!sameOrigin(from, target) && isInternal(target.getHost()) && !isInternal(upstream.getHost())) {
            throw refused(upstream, "a redirect to an address inside this node");
        }
        return target;
    }

    /** Whether credentials for one may be sent to the other. */
    static boolean sameOrigin(URI a, URI b) {
        return a.getScheme().equals(b.getScheme())
                && a.getHost().toLowerCase(Locale.ROOT).equals(b.getHost().toLowerCase(Locale.ROOT))
                && port(a) == port(b);
    }

    static int port(URI uri) {
        return uri.getPort() >= 0 ? uri.getPort() : uri.getScheme().equals("https") ? 443 : 80;
    }

    /** Loopback, link-local and where else clouds keep their metadata, or unspecified. */
    static boolean isInternal(String host) {
        try {
            for (InetAddress address : InetAddress.getAllByName(host)) {
                if (address.isLoopbackAddress()
                        || address.isLinkLocalAddress()
                        || address.isAnyLocalAddress()
                        || METADATA.contains(address)) {
                    return true;
                }
            }
            return false;
        } catch (UnknownHostException e) {
            // Connecting to it will fail and say so.
            return false;
        }
    }

    private static UpstreamFailure refused(URI upstream, String what) {
        return new UpstreamFailure(
                UpstreamFailure.Kind.MALFORMED,
                upstream.getAuthority(),
                upstream.getAuthority() + " answered with " + what + "; it was not followed");
    }
}
