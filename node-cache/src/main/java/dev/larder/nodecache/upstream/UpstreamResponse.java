package dev.larder.nodecache.upstream;

import dev.larder.nodecache.source.Deadline;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * An upstream's answer with its body still to come. Must be closed.
 *
 * @param host who gave it, after redirects
 * @param headers names in lower case; of several with one name the first, but for challenges, which are all there
 * @param inside whether it came from an address inside this node
 */
public record UpstreamResponse(String host, int status, Map<String, String> headers, boolean inside, UpstreamBody body)
        implements AutoCloseable {

    public UpstreamResponse {
        headers = Map.copyOf(headers);
    }

    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }

    /** Several {@code WWW-Authenticate} become one with lines, which none of them can hold. */
    static String both(String name, String first, String second) {
        return name.equals("www-authenticate") ? first + "\n" + second : first;
    }

    /** Its {@code WWW-Authenticate} headers, each as it came. */
    List<String> challenges() {
        return header("www-authenticate").stream().flatMap(String::lines).toList();
    }

    /**
     * The name of a header with a control character in it. RFC 9113 section 8.2.1 and RFC 9110 section 5.5 have none, but
     * nothing below looks for them in what comes over HTTP/2, and an answer of ours cannot be written with one.
     */
    Optional<String> garbled() {
        return headers.entrySet().stream()
                .filter(header -> header.getValue().chars().anyMatch(c -> isForbidden(c, header.getKey())))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    private static boolean isForbidden(int c, String name) {
        boolean betweenChallenges = c == '\n' && name.equals("www-authenticate");
        return (c < ' ' && c != '\t' && !betweenChallenges) || c == 0x7f;
    }

    OptionalLong contentLength() {
        String text = headers.getOrDefault("content-length", "");
        return text.matches("\\d{1,18}") ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
    }

    /** The whole body, if it comes by the deadline and is no longer than that. @throws UpstreamFailure when not */
    public byte[] readAll(int limit, Deadline deadline) throws InterruptedException {
        return body.readAll(limit, deadline);
    }

    @Override
    public void close() {
        body.close();
    }
}
