package dev.larder.operator.cloud;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;

/**
 * Entra's token endpoint (learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow, with a client secret
 * and with a federated credential) and a registry's exchange (github.com/Azure/acr docs/AAD-OAuth.md).
 */
final class FakeAzure extends FakeCloud {

    static final String REGISTRY = "contoso.azurecr.io";
    static final String TENANT = "409520d4-8100-4d1d-ad47-72432ddcc120";
    static final String CLIENT = "9a5d1c4e-0000-4000-8000-000000000001";
    static final String CLIENT_SECRET = "client-" + MARK;
    static final String FEDERATED = "eyJhbGciOiJSUzI1NiJ9.ZmVkZXJhdGVk" + MARK + ".c2ln";
    private static final String ENTRA_TOKEN = "eyJ0eXAiOiJKV1QifQ.ZW50cmE" + MARK + ".c2ln";
    private static final String SCOPE = "https://containerregistry.azure.net/.default";
    private static final String ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    volatile Instant expires = Instant.now().plusSeconds(3 * 3600);

    /** The registry's refresh token: a JSON web token that says when it ends. */
    String refreshToken() {
        return part("{\"alg\":\"RS256\"}") + "."
                + part("{\"iss\":\"Azure Container Registry\",\"aud\":\"" + REGISTRY + "\",\"exp\":"
                        + expires.getEpochSecond() + ",\"mark\":\"" + MARK + "\"}")
                + ".c2ln";
    }

    private static String part(String json) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    Reply answer(Asked request) {
        Map<String, String> form = request.form();
        if (!request.method().equals("POST")
                || !request.header("content-type").equals("application/x-www-form-urlencoded")) {
            return Reply.json(400, "{\"error\":\"invalid_request\",\"error_description\":\"AADSTS900144: no form\"}");
        }
        return switch (request.uri().getPath()) {
            case "/" + TENANT + "/oauth2/v2.0/token" -> entra(form);
            case "/oauth2/exchange" -> exchange(form);
            default -> Reply.json(404, "{}");
        };
    }

    private static Reply entra(Map<String, String> form) {
        boolean federated =
                ASSERTION.equals(form.get("client_assertion_type")) && FEDERATED.equals(form.get("client_assertion"));
        boolean good = "client_credentials".equals(form.get("grant_type"))
                && SCOPE.equals(form.get("scope"))
                && CLIENT.equals(form.get("client_id"))
                && (federated || CLIENT_SECRET.equals(form.get("client_secret")));
        return good
                ? Reply.json(
                        200,
                        "{\"token_type\":\"Bearer\",\"expires_in\":86399,\"ext_expires_in\":86399,\"access_token\":\""
                                + ENTRA_TOKEN + "\"}")
                : invalidClient();
    }

    static Reply invalidClient() {
        return Reply.json(
                401,
                "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: Invalid client secret provided. Trace ID:"
                        + " 11aa Correlation ID: 22bb Timestamp: 2026-11-22 06:00:00Z\",\"error_codes\":[7000215]}");
    }

    private Reply exchange(Map<String, String> form) {
        boolean good = "access_token".equals(form.get("grant_type"))
                && REGISTRY.equals(form.get("service"))
                && TENANT.equals(form.get("tenant"))
                && ENTRA_TOKEN.equals(form.get("access_token"));
        return good ? Reply.json(200, "{\"refresh_token\":\"" + refreshToken() + "\"}") : unauthorized();
    }

    static Reply unauthorized() {
        return Reply.json(
                401,
                "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"authentication required, visit"
                        + " https://aka.ms/acr/authorization for more information. " + ENTRA_TOKEN + "\"}]}");
    }
}
