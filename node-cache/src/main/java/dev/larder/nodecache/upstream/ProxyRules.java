package dev.larder.nodecache.upstream;

import dev.larder.nodecache.source.Secret;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which requests go through a proxy, by the environment that Go programs, and so containerd, read: {@code HTTPS_PROXY} for
 * https, {@code HTTP_PROXY} for http, {@code NO_PROXY} for exceptions; lower case where upper case is not set. Loopback is
 * never proxied.
 *
 * <p>{@code NO_PROXY} is a list with commas of: {@code *}; a domain, which stands for its subdomains too; {@code .domain},
 * which stands for them only; an address; an address block ({@code 10.0.0.0/8}), which is compared with addresses as
 * written, not with what names resolve to; each but the first with an optional {@code :port}.
 */
public final class ProxyRules {

    /** No proxy for anything. */
    public static final ProxyRules NONE = new ProxyRules(null, null, List.of());

    private final @Nullable Proxy https;
    private final @Nullable Proxy http;
    private final List<Exemption> exempt;

    /**
     * A proxy that takes CONNECT for https, and whole addresses for http.
     *
     * @param host an IPv6 address without brackets
     * @param user for Basic; null for none
     */
    record Proxy(
            String host,
            int port,
            @Nullable String user,
            @Nullable Secret password) {}

    private interface Exemption {
        boolean matches(String host, int port);
    }

    private ProxyRules(@Nullable Proxy https, @Nullable Proxy http, List<Exemption> exempt) {
        this.https = https;
        this.http = http;
        this.exempt = exempt;
    }

    /** @throws IllegalArgumentException naming the variable when a proxy's address cannot be used */
    public static ProxyRules of(Map<String, String> environment) {
        List<Exemption> exempt = Arrays.stream(value(environment, "NO_PROXY").split(",", -1))
                .map(String::strip)
                .filter(entry -> !entry.isEmpty())
                .map(entry -> exemption(entry.toLowerCase(Locale.ROOT)))
                .toList();
        return new ProxyRules(
                proxy("HTTPS_PROXY", value(environment, "HTTPS_PROXY")),
                proxy("HTTP_PROXY", value(environment, "HTTP_PROXY")),
                exempt);
    }

    private static String value(Map<String, String> environment, String name) {
        String upper = environment.getOrDefault(name, "");
        return (upper.isEmpty() ? environment.getOrDefault(name.toLowerCase(Locale.ROOT), "") : upper).strip();
    }

    private static @Nullable Proxy proxy(String variable, String value) {
        if (value.isEmpty()) {
            return null;
        }
        try {
            URI uri = URI.create(value.contains("://") ? value : "http://" + value);
            if ("http".equals(uri.getScheme()) && uri.getHost() != null && uri.getPort() <= 65535) {
                String[] login =
                        Objects.requireNonNullElse(uri.getRawUserInfo(), "").split(":", 2);
                return new Proxy(
                        unbracketed(uri.getHost()),
                        uri.getPort() < 0 ? 80 : uri.getPort(),
                        login[0].isEmpty() ? null : decoded(login[0]),
                        login.length < 2 ? null : new Secret(decoded(login[1])));
            }
        } catch (IllegalArgumentException e) {
            // Said below, without what may be a password.
        }
        throw new IllegalArgumentException(
                variable + " is set to what is no http://host:port; correct it or take it away (https and SOCKS proxies"
                        + " are not supported)");
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    static String unbracketed(String host) {
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    private static Exemption exemption(String entry) {
        if (entry.equals("*")) {
            return (host, port) -> true;
        }
        int slash = entry.indexOf('/');
        if (slash > 0) {
            Optional<byte[]> block = address(entry.substring(0, slash));
            String bits = entry.substring(slash + 1);
            if (block.isEmpty() || !bits.matches("\\d{1,3}")) {
                return (host, port) -> false;
            }
            return (host, port) -> address(host)
                    .map(a -> shareBits(a, block.get(), Integer.parseInt(bits)))
                    .orElse(false);
        }
        int colon = entry.lastIndexOf(':');
        boolean withPort = colon > 0 && (entry.indexOf(':') == colon || entry.charAt(colon - 1) == ']');
        String name = unbracketed(withPort ? entry.substring(0, colon) : entry);
        String wantedPort = withPort ? entry.substring(colon + 1) : "";
        return (host, port) ->
                (wantedPort.isEmpty() || wantedPort.equals(Integer.toString(port))) && covers(name, host);
    }

    private static boolean covers(String name, String host) {
        Optional<byte[]> address = address(name);
        if (address.isPresent()) {
            return address(host).map(a -> Arrays.equals(a, address.get())).orElse(false);
        }
        String suffix = name.startsWith("*.") ? name.substring(1) : name;
        return suffix.startsWith(".") ? host.endsWith(suffix) : host.equals(suffix) || host.endsWith("." + suffix);
    }

    private static boolean shareBits(byte[] a, byte[] b, int bits) {
        if (a.length != b.length || bits > a.length * 8) {
            return false;
        }
        for (int bit = 0; bit < bits; bit++) {
            int mask = 0x80 >> (bit % 8);
            if ((a[bit / 8] & mask) != (b[bit / 8] & mask)) {
                return false;
            }
        }
        return true;
    }

    private static Optional<byte[]> address(String text) {
        try {
            return Optional.of(InetAddress.ofLiteral(text).getAddress());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The proxy to go through to the target, if any. */
    Optional<Proxy> towards(URI target) {
        Proxy proxy = "https".equals(target.getScheme()) ? https : http;
        if (proxy == null) {
            return Optional.empty();
        }
        String host = unbracketed(target.getHost().toLowerCase(Locale.ROOT));
        int port = RedirectRules.port(target);
        boolean loopback = host.equals("localhost")
                || address(host).map(ProxyRules::isLoopback).orElse(false);
        return loopback || exempt.stream().anyMatch(rule -> rule.matches(host, port))
                ? Optional.empty()
                : Optional.of(proxy);
    }

    private static boolean isLoopback(byte[] address) {
        return address.length == 4
                ? address[0] == 127
                : Arrays.equals(address, new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
    }
}
