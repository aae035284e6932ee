package dev.larder.nodecache.upstream;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One challenge of a {@code WWW-Authenticate} header (RFC 9110 section 11.6.1), as far as registries use it.
 *
 * @param scheme lower case
 * @param parameters names in lower case
 */
record AuthChallenge(String scheme, Map<String, String> parameters) {

    private static final int MAX_LENGTH = 8192;
    // A parameter, quoted or not, since some registries leave service without quotes; else the name of a scheme,
    // perhaps
    // with a token68, which says nothing to us.
    private static final Pattern NEXT = Pattern.compile(
            "[\\s,]*+(?:([A-Za-z0-9_-]++)\\s*+=\\s*+(?:\"((?:[^\"\\\\]|\\\\.)*+)\"|([^\\s,\"=]++)(?=\\s|,|$))"
                    + "|([A-Za-z0-9-]++)(?:\\s++[A-Za-z0-9._~+/-]++=*+(?=\\s*+(?:,|$)))?(?=\\s|,|$))");

    AuthChallenge {
        parameters = Map.copyOf(parameters);
    }

    /** Those that come before the first thing that makes no sense. */
    static List<AuthChallenge> parse(String header) {
        List<AuthChallenge> challenges = new ArrayList<>();
        if (header.length() > MAX_LENGTH) {
            return challenges;
        }
        Matcher next = NEXT.matcher(header);
        String scheme = "";
        Map<String, String> parameters = new TreeMap<>();
        while (next.lookingAt()) {
            if (next.group(1) == null) {
                add(challenges, scheme, parameters);
                scheme = next.group(4).toLowerCase(Locale.ROOT);
                parameters = new TreeMap<>();
            } else {
                String quoted = next.group(2);
                String value = quoted == null ? next.group(3) : quoted.replaceAll("\\\\(.)", "$1");
                parameters.putIfAbsent(next.group(1).toLowerCase(Locale.ROOT), value);
            }
            next.region(next.end(), header.length());
        }
        add(challenges, scheme, parameters);
        return challenges;
    }

    private static void add(List<AuthChallenge> challenges, String scheme, Map<String, String> parameters) {
        if (!scheme.isEmpty()) {
            challenges.add(new AuthChallenge(scheme, parameters));
        }
    }

    /** The one to answer: Bearer before Basic, as containerd does. */
    static Optional<AuthChallenge> best(List<String> headers) {
        List<AuthChallenge> all =
                headers.stream().flatMap(header -> parse(header).stream()).toList();
        return all.stream().filter(AuthChallenge::isBearer).findFirst().or(() -> all.stream()
                .filter(AuthChallenge::isBasic)
                .findFirst());
    }

    boolean isBearer() {
        return "bearer".equals(scheme) && parameters.containsKey("realm");
    }

    boolean isBasic() {
        return "basic".equals(scheme);
    }

    String realm() {
        return parameters.getOrDefault("realm", "");
    }

    String service() {
        return parameters.getOrDefault("service", "");
    }

    String scope() {
        return parameters.getOrDefault("scope", "");
    }
}
