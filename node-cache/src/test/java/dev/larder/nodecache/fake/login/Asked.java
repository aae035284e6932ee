package dev.larder.nodecache.fake.login;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One request as it came to a simulated host.
 *
 * @param path without the query
 * @param parameters of the query, or of the form that was posted
 * @param headers names in lower case
 */
public record Asked(
        String scheme,
        String host,
        String method,
        String path,
        Map<String, List<String>> parameters,
        Map<String, String> headers) {

    public Asked {
        parameters = Map.copyOf(parameters);
        headers = Map.copyOf(headers);
    }

    static Map<String, List<String>> form(String text) {
        Map<String, List<String>> parameters = new TreeMap<>();
        for (String pair : text.isEmpty() ? new String[0] : text.split("&", -1)) {
            String[] parts = pair.split("=", 2);
            parameters
                    .computeIfAbsent(decoded(parts[0]), name -> new ArrayList<>())
                    .add(parts.length < 2 ? "" : decoded(parts[1]));
        }
        return parameters;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    /** All values of a parameter. */
    public List<String> all(String parameter) {
        return parameters.getOrDefault(parameter, List.of());
    }

    /** The only or first value of a parameter; empty when there is none. */
    public String first(String parameter) {
        return all(parameter).isEmpty() ? "" : all(parameter).getFirst();
    }

    public String authorization() {
        return headers.getOrDefault("authorization", "");
    }

    /** The same at another path. */
    public Asked at(String other) {
        return new Asked(scheme, host, method, other, parameters, headers);
    }

    Optional<Login> basic() {
        return Login.of(authorization());
    }

    /** The token; empty when there is none. */
    String bearer() {
        return authorization().startsWith("Bearer ") ? authorization().substring(7) : "";
    }

    boolean isHead() {
        return method.equals("HEAD");
    }

    /** Short, for messages of failed tests. */
    @Override
    public String toString() {
        String who = authorization().isEmpty() ? "" : " as " + authorization().replaceFirst("(.{22}).*", "$1");
        return method + " " + scheme + "://" + host + path + parameters + who;
    }
}
