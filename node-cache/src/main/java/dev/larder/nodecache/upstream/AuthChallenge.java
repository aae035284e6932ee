package dev.larder.nodecache.upstream;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A {@code WWW-Authenticate} header, as far as registries use it.
 *
 * @param scheme lower case
 * @param parameters names in lower case
 */
record AuthChallenge(String scheme, Map<String, String> parameters) {

    private static final int MAX_LENGTH = 8192;
    private static final Pattern SCHEME = Pattern.compile("\\s*+([A-Za-z0-9-]++)(?:\\s++|$)");
    // Quoted or not: some registries leave service without quotes. A name begins nowhere but at its beginning, else a
    // long
    // one without a value would be tried from each of its characters.
    private static final Pattern PARAMETER = Pattern.compile(
            "(?<![A-Za-z0-9_-])([A-Za-z0-9_-]++)\\s*+=\\s*+(?:\"((?:[^\"\\\\]|\\\\.)*+)\"|([^\\s,\"]++))");

    AuthChallenge {
        parameters = Map.copyOf(parameters);
    }

    /** Empty when there is no scheme at all. */
    static Optional<AuthChallenge> parse(String header) {
        if (header.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        Matcher scheme = SCHEME.matcher(header);
        if (!scheme.lookingAt()) {
            return Optional.empty();
        }
        Map<String, String> parameters = new TreeMap<>();
        Matcher parameter = PARAMETER.matcher(header);
        parameter.region(scheme.end(), header.length());
        while (parameter.find()) {
            String quoted = parameter.group(2);
            String value = quoted == null ? parameter.group(3) : quoted.replaceAll("\\\\(.)", "$1");
            parameters.putIfAbsent(parameter.group(1).toLowerCase(Locale.ROOT), value == null ? "" : value);
        }
        return Optional.of(new AuthChallenge(scheme.group(1).toLowerCase(Locale.ROOT), parameters));
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
