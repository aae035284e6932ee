package dev.larder.e2e.upstream;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.larder.e2e.cluster.NativeCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A token server by the distribution's specifications: GET with Basic (spec/auth/token) and POST with a password
 * (spec/auth/oauth). Who shows nothing gets a token that opens nothing. Every request is counted; it can be stopped and
 * started, and ends with this JVM; thread-safe.
 */
public final class TokenServer {
    public static final Duration LIFE = Duration.ofMinutes(5);
    private static final String SERVICE = "private-registry";
    private static final String ISSUER = "larder-test-tokens";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final NativeCluster.TlsFiles key;
    private final URI realm;
    private final TokenSigner signer;
    private final Map<Login, String> accounts = new ConcurrentHashMap<>();
    private final CopyOnWriteArrayList<UpstreamRequest> log = new CopyOnWriteArrayList<>();
    private Optional<HttpServer> running = Optional.empty();

    private TokenServer(NativeCluster cluster) {
        key = cluster.serverCertificate("token-server", "DNS:token-server");
        signer = new TokenSigner(key.certificate(), key.key());
        realm = URI.create("http://" + cluster.hostAddress() + ":" + cluster.newPort() + "/token");
    }

    public static TokenServer start(NativeCluster cluster) {
        var tokens = new TokenServer(cluster);
        tokens.ensureStarted();
        return tokens;
    }

    public synchronized void ensureStarted() {
        if (running.isPresent()) {
            return;
        }
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(realm.getHost(), realm.getPort()), 0);
            ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
            server.setExecutor(threads);
            server.createContext("/token", this::handle);
            server.start();
            running = Optional.of(server);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot listen on " + realm, e);
        }
    }

    /** Ends it: connections are refused. */
    public synchronized void stop() {
        running.ifPresent(server -> server.stop(0));
        running = Optional.empty();
    }

    /** From now on this login may pull from the repositories whose names begin so. */
    public void admit(Login login, String repositories) {
        accounts.put(login, repositories);
    }

    /** The section {@code auth} of a registry that takes its tokens. */
    String auth() {
        return "{token: {realm: \"%s\", service: %s, issuer: %s, rootcertbundle: %s}}"
                .formatted(realm, SERVICE, ISSUER, key.authority());
    }

    /** What has reached it since this was called last, or since its start. */
    public synchronized Traffic takeTraffic() {
        return Traffic.takenFrom(log);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            boolean post = exchange.getRequestMethod().equals("POST");
            String authorization = RegistryFront.header(exchange, "Authorization");
            Form form = Form.parse(
                    post
                            ? new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)
                            : Optional.ofNullable(exchange.getRequestURI().getRawQuery())
                                    .orElse(""));
            Optional<Login> login = post
                    ? Optional.of(new Login(form.first("username"), form.first("password")))
                    : Login.of(authorization);
            boolean known = login.map(accounts::containsKey).orElse(true);
            byte[] body = JSON.writeValueAsBytes(
                    known ? token(login, form, post) : Map.of("errors", List.of(Map.of("code", "UNAUTHORIZED"))));
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            // Counted before the answer, so that who has its answer finds itself counted.
            log.add(new UpstreamRequest(
                    Instant.now(),
                    new Call(
                            false,
                            exchange.getRequestMethod(),
                            exchange.getRequestURI().toString(),
                            RegistryFront.header(exchange, "User-Agent"),
                            login.map(Login::basic).orElse(authorization)),
                    known ? 200 : 401,
                    body.length));
            exchange.sendResponseHeaders(known ? 200 : 401, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private Map<String, Object> token(Optional<Login> login, Form form, boolean post) {
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        var claims = new TokenSigner.Claims(
                ISSUER,
                login.map(Login::user).orElse(""),
                form.first("service"),
                now,
                LIFE,
                login.map(accounts::get).map(may -> access(form, may)).orElse(List.of()));
        String token = signer.sign(claims);
        var answer = new LinkedHashMap<String, Object>();
        answer.put("access_token", token);
        answer.put("expires_in", LIFE.toSeconds());
        answer.put("issued_at", now.toString());
        if (post) {
            answer.put("scope", String.join(" ", form.all("scope")));
        } else {
            answer.put("token", token);
        }
        return answer;
    }

    /** The part of the wanted scopes ({@code repository:NAME:ACTION,ACTION}) that this caller may have. */
    private static List<TokenSigner.Access> access(Form form, String mayPull) {
        var granted = new ArrayList<TokenSigner.Access>();
        for (String scope : String.join(" ", form.all("scope")).split(" ", -1)) {
            String[] parts = scope.split(":", -1);
            if (parts.length == 3 && parts[0].equals("repository") && parts[1].startsWith(mayPull)) {
                granted.add(new TokenSigner.Access("repository", parts[1], List.of("pull")));
            }
        }
        return granted;
    }

    /** Parameters of a query or a form. */
    private record Form(Map<String, List<String>> values) {
        static Form parse(String encoded) {
            var values = new LinkedHashMap<String, List<String>>();
            for (String pair : encoded.split("&", -1)) {
                String[] parts = pair.split("=", 2);
                values.computeIfAbsent(parts[0], _ -> new ArrayList<>())
                        .add(parts.length < 2 ? "" : URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
            }
            return new Form(values);
        }

        List<String> all(String name) {
            return values.getOrDefault(name, List.of());
        }

        String first(String name) {
            return all(name).stream().findFirst().orElse("");
        }
    }
}
