package dev.larder.nodecache.fake.login;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Answers challenges as containerd does with a pull secret (https://github.com/containerd/containerd
 * core/remotes/docker/auth/fetch.go, seen): one challenge a header, Bearer before Basic; the password by POST, and by GET where
 * that is 400, 401, 404 or 405; the repository's scope always among those asked for.
 */
public final class ContainerdClient {

    private static final Pattern PARAMETER = Pattern.compile("(\\w+)=(?:\"([^\"]*)\"|([^,\"\\s]+))");
    private static final Set<Integer> ASK_BY_GET = Set.of(400, 401, 404, 405);

    private final HttpClient http;
    private final Login login;

    public ContainerdClient(Internet internet, Login login) {
        this.http = internet.client();
        this.login = login;
    }

    /**
     * The Authorization for the next request.
     *
     * @param challenges the {@code WWW-Authenticate} headers
     * @param repository as the image name has it
     * @return empty when there is nothing to say
     */
    public Optional<String> answer(List<String> challenges, String repository)
            throws IOException, InterruptedException {
        for (String challenge : challenges) {
            if (challenge.startsWith("Bearer ")) {
                return token(parameters(challenge), repository).map(token -> "Bearer " + token);
            }
        }
        return challenges.stream().anyMatch(c -> c.startsWith("Basic")) ? Optional.of(login.basic()) : Optional.empty();
    }

    private static Map<String, String> parameters(String challenge) {
        Map<String, String> parameters = new TreeMap<>();
        Matcher parameter = PARAMETER.matcher(challenge);
        while (parameter.find()) {
            String quoted = parameter.group(2);
            parameters.put(parameter.group(1), quoted == null ? parameter.group(3) : quoted);
        }
        return parameters;
    }

    private Optional<String> token(Map<String, String> challenge, String repository)
            throws IOException, InterruptedException {
        URI realm = URI.create(challenge.getOrDefault("realm", ""));
        String service = challenge.getOrDefault("service", "");
        Set<String> scopes = new TreeSet<>(Set.of("repository:" + repository + ":pull"));
        if (challenge.containsKey("scope")) {
            scopes.addAll(List.of(challenge.get("scope").split(" ", -1)));
        }
        String form = "grant_type=password&client_id=containerd-client&service=" + encoded(service) + "&scope="
                + encoded(String.join(" ", scopes)) + "&username=" + encoded(login.user()) + "&password="
                + encoded(login.password());
        HttpResponse<String> answer = send(HttpRequest.newBuilder(realm)
                .header("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
                .POST(HttpRequest.BodyPublishers.ofString(form)));
        if (ASK_BY_GET.contains(answer.statusCode())) {
            String query = scopes.stream()
                    .map(scope -> "&scope=" + encoded(scope))
                    .collect(Collectors.joining("", "?service=" + encoded(service), ""));
            answer = send(HttpRequest.newBuilder(URI.create(realm + query)).header("Authorization", login.basic()));
        }
        if (answer.statusCode() >= 400) {
            return Optional.empty();
        }
        JsonObject json = new JsonObject(answer.body());
        String accessToken = json.getString("access_token", "");
        return Optional.of(accessToken.isEmpty() ? json.getString("token", "") : accessToken);
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(
                request.timeout(Duration.ofSeconds(10))
                        .header("User-Agent", "containerd/2.3.7")
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
