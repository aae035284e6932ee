package dev.larder.nodecache.config;

/**
 * An address to listen on.
 *
 * @param host an IP address or a host name; IPv6 without brackets
 * @param port 0 to 65535; 0 takes any free port
 */
public record Endpoint(String host, int port) {

    public Endpoint {
        if (host.isEmpty() || port < 0 || port > 65535) {
            throw new IllegalArgumentException("not host:port with a port from 0 to 65535: " + host + ":" + port);
        }
    }

    /**
     * Reads {@code host:port} or {@code [ipv6]:port}.
     *
     * @throws IllegalArgumentException when the text is neither
     */
    public static Endpoint parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon <= 0) {
            throw new IllegalArgumentException("not host:port");
        }
        String host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.contains(":")) {
            throw new IllegalArgumentException("an IPv6 address needs brackets, as in [::1]:5151");
        }
        try {
            return new Endpoint(host, Integer.parseInt(text.substring(colon + 1)));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("the port is not a number", e);
        }
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
