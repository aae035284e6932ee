package dev.larder.nodecache.upstream;

import dev.larder.nodecache.error.UpstreamFailure;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Where an upstream may send us, and what goes along: pure. A name says nothing about where it leads, so the addresses it
 * stands for are looked at, and the connection goes to one of those ({@link Target#pinned}): were the name looked up a second
 * time, the answer could be another one. Where a proxy connects, it looks the name up and only it can look at the answer.
 */
final class RedirectRules {

    static final int MAX_REDIRECTS = 5;

    /** Metadata services that are not link-local: Amazon's on IPv6, Alibaba's, Oracle's older one. */
    private static final Set<InetAddress> METADATA = Set.of(
            InetAddress.ofLiteral("fd00:ec2::254"),
            InetAddress.ofLiteral("100.100.100.200"),
            InetAddress.ofLiteral("192.0.0.192"));

    private RedirectRules() {}

    /**
     * The redirect's target; what its name stands for is still to be looked at.
     *
     * @param inside whether the upstream is inside this node itself, and may lead anywhere
     * @throws UpstreamFailure when it leads from a public upstream into the node or its metadata service, from https to
     *     http, or nowhere
     */
    static URI follow(URI upstream, boolean inside, URI from, String location) {
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
        if (!inside && !sameOrigin(from, target) && isInternal(target.getHost())) {
            throw refused(upstream, "a redirect to an address inside this node");
        }
        return target;
    }

    /**
     * The addresses, none of which is inside the node, unless the upstream is.
     *
     * @throws UpstreamFailure when one is: a name with such an address beside a good one is a trap; or when there are none,
     *     since whoever connected would then look the name up by itself
     */
    static List<InetAddress> checked(URI upstream, boolean inside, List<InetAddress> addresses) {
        if (addresses.isEmpty()) {
            throw refused(upstream, "a name that has no address");
        }
        if (!inside && addresses.stream().anyMatch(RedirectRules::isInternal)) {
            throw refused(upstream, "a name that leads to an address inside this node");
        }
        return addresses;
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

    /** Whether it is {@code localhost} or an internal address, in any of its spellings; no name is looked up. */
    static boolean isInternal(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        return name.equals("localhost")
                || name.endsWith(".localhost")
                || literal(name, InetAddress::ofLiteral)
                        .map(RedirectRules::isInternal)
                        .orElse(false)
                // To some who connect, a proxy perhaps, 0177.0.0.1 is 127.0.0.1.
                || literal(name, Inet4Address::ofPosixLiteral)
                        .map(RedirectRules::isInternal)
                        .orElse(false);
    }

    /** Loopback, link-local and where else clouds keep their metadata, or unspecified. */
    static boolean isInternal(InetAddress address) {
        return address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isAnyLocalAddress()
                || METADATA.contains(address);
    }

    /** The address that the text is, if it is one. */
    static Optional<InetAddress> literal(String host) {
        return literal(host, InetAddress::ofLiteral);
    }

    private static Optional<InetAddress> literal(String host, Function<String, InetAddress> reader) {
        try {
            return Optional.of(reader.apply(host));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static UpstreamFailure refused(URI upstream, String what) {
        return new UpstreamFailure(
                UpstreamFailure.Kind.MALFORMED,
                upstream.getAuthority(),
                upstream.getAuthority() + " answered with " + what + "; it was not followed");
    }
}
