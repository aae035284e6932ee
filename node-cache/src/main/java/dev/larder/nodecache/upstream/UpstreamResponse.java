package dev.larder.nodecache.upstream;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * An upstream's answer with its body still to come. Must be closed.
 *
 * @param host who gave it, after redirects
 * @param headers names in lower case
 * @param inside whether it came from an address inside this node
 */
record UpstreamResponse(String host, int status, Map<String, String> headers, boolean inside, UpstreamBody body)
        implements AutoCloseable {

    UpstreamResponse {
        headers = Map.copyOf(headers);
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }

    OptionalLong contentLength() {
        String text = headers.getOrDefault("content-length", "");
        return text.matches("\\d{1,18}") ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
    }

    @Override
    public void close() {
        body.close();
    }
}
