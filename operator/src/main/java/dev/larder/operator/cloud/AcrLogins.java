package dev.larder.operator.cloud;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Refresh tokens of an Azure Container Registry, good for about three hours: a token of Entra, by workload identity
 * (learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow) or a client secret, exchanged at the registry
 * (github.com/Azure/acr docs/AAD-OAuth.md). Two form posts: Azure's own library for the first brings Netty, Reactor and MSAL,
 * and has nothing for the second.
 */
final class AcrLogins {

    /** Says to ACR that the password is a refresh token. */
    static final String USER = "00000000-0000-0000-0000-000000000000";

    private static final String AUTHORITY = "https://login.microsoftonline.com/";
    private static final String ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    /** ACR's own; the clouds apart take a token of their resource manager. */
    private static final String SCOPE = "https://containerregistry.azure.net/.default";

    private static final String SCOPE_CHINA = "https://management.chinacloudapi.cn/.default";
    private static final String SCOPE_US = "https://management.usgovcloudapi.net/.default";

    private static final Duration ANSWER = Duration.ofSeconds(8);
    private static final Duration LIFE_UNLESS_SAID = Duration.ofHours(1);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http;
    private final Map<String, String> environment;
    private final Function<String, URI> addressOf;
    private final Clock clock;

    /**
     * @param environment as AKS's workload identity sets it: AZURE_CLIENT_ID, AZURE_TENANT_ID, AZURE_FEDERATED_TOKEN_FILE and
     *     AZURE_AUTHORITY_HOST
     * @param addressOf where a registry is asked
     */
    AcrLogins(HttpClient http, Map<String, String> environment, Function<String, URI> addressOf, Clock clock) {
        this.http = http;
        this.environment = Map.copyOf(environment);
        this.addressOf = addressOf;
        this.clock = clock;
    }

    RegistryLogin of(CloudIdentity.Acr identity) throws CloudFailure, InterruptedException {
        String tenant = Objects.requireNonNullElse(identity.tenant(), setting("AZURE_TENANT_ID"));
        if (tenant.isEmpty()) {
            throw new CloudFailure("no tenant is known: set cloudIdentity.tenant");
        }
        String entra = entraToken(identity, tenant);
        Map<String, String> form = new LinkedHashMap<>();
        form.put("grant_type", "access_token");
        form.put("service", identity.registry());
        form.put("tenant", tenant);
        form.put("access_token", entra);
        URI exchange = addressOf.apply(identity.registry()).resolve("/oauth2/exchange");
        String token = field(
                post(exchange, form, identity.registry(), "give this identity the role AcrPull on the registry", entra),
                "refresh_token",
                identity.registry());
        return new RegistryLogin(USER, new SecretText(token), expiry(token));
    }

    private String entraToken(CloudIdentity.Acr identity, String tenant) throws CloudFailure, InterruptedException {
        CloudKeys keys = identity.keys();
        Map<String, String> form = new LinkedHashMap<>();
        form.put("grant_type", "client_credentials");
        form.put("scope", scope(identity.registry()));
        String secret;
        String remedy;
        if (keys != null) {
            secret = keys.get("AZURE_CLIENT_SECRET");
            form.put("client_id", keys.get("AZURE_CLIENT_ID"));
            form.put("client_secret", secret);
            remedy = "check tenant, and client id and secret in Secret " + keys.secret();
        } else {
            secret = federatedToken();
            form.put("client_id", setting("AZURE_CLIENT_ID"));
            form.put("client_assertion_type", ASSERTION);
            form.put("client_assertion", secret);
            remedy = "check the ServiceAccount's annotation azure.workload.identity/client-id, and that identity's"
                    + " federated credential for the ServiceAccount";
        }
        String authority = setting("AZURE_AUTHORITY_HOST");
        URI server = URI.create(authority.isEmpty() ? AUTHORITY : authority);
        JsonNode answer = post(server.resolve("/" + tenant + "/oauth2/v2.0/token"), form, "Entra", remedy, secret);
        return field(answer, "access_token", "Entra");
    }

    private String federatedToken() throws CloudFailure {
        String file = setting("AZURE_FEDERATED_TOKEN_FILE");
        if (file.isEmpty() || setting("AZURE_CLIENT_ID").isEmpty()) {
            throw new CloudFailure(
                    "the operator has no identity in Azure: label its pod azure.workload.identity/use: \"true\""
                            + " and annotate its ServiceAccount with azure.workload.identity/client-id, or name keys in"
                            + " keysSecretRef");
        }
        try {
            return Files.readString(Path.of(file)).strip();
        } catch (IOException e) {
            throw new CloudFailure(
                    "AZURE_FEDERATED_TOKEN_FILE " + file + " cannot be read; start the operator's pod again", e);
        }
    }

    private String setting(String name) {
        return environment.getOrDefault(name, "").strip();
    }

    private static String scope(String registry) {
        if (registry.endsWith(".azurecr.cn")) {
            return SCOPE_CHINA;
        }
        return registry.endsWith(".azurecr.us") ? SCOPE_US : SCOPE;
    }

    private JsonNode post(URI uri, Map<String, String> form, String who, String remedy, String secret)
            throws CloudFailure, InterruptedException {
        String body = form.entrySet().stream()
                .map(field -> encoded(field.getKey()) + "=" + encoded(field.getValue()))
                .collect(Collectors.joining("&"));
        HttpRequest request = HttpRequest.newBuilder(uri)
                .timeout(ANSWER)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("Accept", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        try {
            HttpResponse<String> response = http.send(
                    request, HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofString(), 1 << 17));
            if (response.statusCode() == 200) {
                return JSON.readTree(response.body());
            }
            throw new CloudFailure(who + " answered " + response.statusCode() + " "
                    + Redaction.of(reason(response.body()), secret) + "; " + remedy);
        } catch (JsonProcessingException e) {
            throw new CloudFailure(who + " answered with something else than JSON; check what stands between");
        } catch (IOException e) {
            String why = e.getClass().getSimpleName() + " " + Redaction.of(String.valueOf(e.getMessage()), secret);
            throw new CloudFailure(who + " could not be asked at " + uri.getAuthority() + ": " + why, e);
        }
    }

    /** Entra's {@code error_description} without its trace, which differs each time; or the registry's first error. */
    private static String reason(String body) {
        try {
            JsonNode json = JSON.readTree(body);
            String description = json.path("error_description").asText("");
            if (!description.isEmpty()) {
                return description.replaceFirst("(?s)\\s*Trace ID:.*", "");
            }
            JsonNode first = json.path("errors").path(0);
            return (first.path("code").asText("") + " " + first.path("message").asText("")).strip();
        } catch (JsonProcessingException e) {
            return "";
        }
    }

    private static String field(JsonNode answer, String name, String who) throws CloudFailure {
        String value = answer == null ? "" : answer.path(name).asText("");
        if (value.isEmpty()) {
            throw new CloudFailure(who + " answered without " + name + "; check what stands between");
        }
        return value;
    }

    /** The token says when it ends; only the registry needs to check that it is its own. */
    private Instant expiry(String token) {
        String[] parts = token.split("\\.", -1);
        try {
            JsonNode claims =
                    parts.length == 3 ? JSON.readTree(Base64.getUrlDecoder().decode(parts[1])) : null;
            long seconds = claims == null ? 0 : claims.path("exp").asLong(0);
            return seconds > 0
                    ? Instant.ofEpochSecond(seconds)
                    : clock.instant().plus(LIFE_UNLESS_SAID);
        } catch (IOException | IllegalArgumentException e) {
            return clock.instant().plus(LIFE_UNLESS_SAID);
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
