package dev.larder.operator.cloud;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.WebIdentityTokenFileCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkSystemSetting;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4FamilyHttpSigner;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.SignedRequest;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;

/**
 * Logins of Amazon ECR, good for 12 hours. AWS's own library knows the many places an identity may come from (a
 * ServiceAccount's role, EKS Pod Identity, the node's role) and signs; the request is the same for private and public ECR
 * (docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html).
 */
final class EcrLogins {

    /** Of ECR Public, whatever region the identity is of. */
    private static final String PUBLIC_REGION = "us-east-1";

    private static final Duration CONNECT = Duration.ofSeconds(3);
    private static final Duration ANSWER = Duration.ofSeconds(8);
    private static final int LONGEST_ANSWER = 1 << 17;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, String> REMEDIES = Map.of(
            "AccessDeniedException",
            "allow this identity the IAM action ecr:GetAuthorizationToken (for public.ecr.aws:"
                    + " ecr-public:GetAuthorizationToken and sts:GetServiceBearerToken)",
            "AccessDenied",
            "let the role's trust policy name the operator's ServiceAccount, and the ServiceAccount's annotation"
                    + " eks.amazonaws.com/role-arn the role",
            "InvalidIdentityToken",
            "add the cluster's OIDC provider to IAM, and check the role's trust policy",
            "UnrecognizedClientException",
            "check AWS_ACCESS_KEY_ID and the region",
            "InvalidSignatureException",
            "check AWS_SECRET_ACCESS_KEY and the clock of the operator's node",
            "ExpiredTokenException",
            "check the clock of the operator's node");
    private static final String NO_IDENTITY = "the operator has no identity in AWS: annotate its ServiceAccount with"
            + " eks.amazonaws.com/role-arn, associate it with a role by EKS Pod Identity, or name keys in"
            + " keysSecretRef";

    /**
     * One of the two services.
     *
     * @param name as requests are signed for it
     * @param target the operation, as X-Amz-Target has it
     * @param endpoint the variable that names another endpoint
     */
    private record Service(String name, String target, String endpoint) {
        static final Service PRIVATE = new Service(
                "ecr", "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken", "AWS_ENDPOINT_URL_ECR");
        static final Service PUBLIC = new Service(
                "ecr-public", "SpencerFrontendService.GetAuthorizationToken", "AWS_ENDPOINT_URL_ECR_PUBLIC");
    }

    private final Map<String, String> environment;

    /** @param environment for AWS_ENDPOINT_URL_ECR and AWS_ENDPOINT_URL_ECR_PUBLIC; the library reads the rest itself */
    EcrLogins(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    RegistryLogin ofRegion(CloudIdentity.Ecr identity) throws CloudFailure {
        return ask(Service.PRIVATE, identity.region(), identity.keys());
    }

    RegistryLogin ofPublic(CloudIdentity.EcrPublic identity) throws CloudFailure {
        return ask(Service.PUBLIC, PUBLIC_REGION, identity.keys());
    }

    private RegistryLogin ask(Service service, String region, @Nullable CloudKeys keys) throws CloudFailure {
        String[] secrets = keys == null
                ? new String[0]
                : new String[] {keys.get("AWS_ACCESS_KEY_ID"), keys.get("AWS_SECRET_ACCESS_KEY")};
        try (SdkHttpClient http = UrlConnectionHttpClient.builder()
                .connectionTimeout(CONNECT)
                .socketTimeout(ANSWER)
                .build()) {
            AwsCredentials credentials = keys == null ? own() : AwsBasicCredentials.create(secrets[0], secrets[1]);
            HttpExecuteResponse answer =
                    http.prepareRequest(signed(service, region, credentials)).call();
            String body = body(answer);
            int status = answer.httpResponse().statusCode();
            if (status != 200) {
                throw refused(status, body, secrets);
            }
            JsonNode data = JSON.readTree(body).path("authorizationData");
            JsonNode token = data.isArray() ? data.path(0) : data;
            double expires = token.path("expiresAt").asDouble(0);
            return login(
                    token.path("authorizationToken").asText(""),
                    expires > 0 ? Instant.ofEpochSecond((long) expires) : null);
        } catch (AwsServiceException e) {
            var details = e.awsErrorDetails();
            String code = details == null || details.errorCode() == null ? "" : details.errorCode();
            String said = details == null || details.errorMessage() == null ? "" : details.errorMessage();
            throw failure(e.statusCode(), code, Redaction.of(said, secrets));
        } catch (SdkException e) {
            String why = String.valueOf(e.getMessage());
            throw new CloudFailure(
                    why.contains("Unable to load credentials")
                            ? NO_IDENTITY
                            : "AWS could not be asked: " + Redaction.of(why, secrets),
                    e);
        } catch (JsonProcessingException e) {
            throw new CloudFailure("AWS answered with something else than JSON; check what stands between");
        } catch (IOException e) {
            throw new CloudFailure("AWS could not be asked: " + Redaction.of(e.toString(), secrets), e);
        }
    }

    /** The operator's own. */
    private static AwsCredentials own() {
        if (SdkSystemSetting.AWS_WEB_IDENTITY_TOKEN_FILE.getStringValue().isPresent()) {
            // By itself, since the chain would bury what STS says.
            try (var role = WebIdentityTokenFileCredentialsProvider.create()) {
                return role.resolveCredentials();
            }
        }
        try (var any = DefaultCredentialsProvider.builder().build()) {
            return any.resolveCredentials();
        }
    }

    private HttpExecuteRequest signed(Service service, String region, AwsCredentials credentials) {
        String named = environment.getOrDefault(service.endpoint(), "");
        String suffix = Region.of(region).metadata() == null
                ? "amazonaws.com"
                : Region.of(region).metadata().partition().dnsSuffix();
        URI endpoint =
                URI.create(named.isEmpty() ? "https://api." + service.name() + "." + region + "." + suffix : named);
        ContentStreamProvider body = ContentStreamProvider.fromUtf8String("{}");
        SdkHttpRequest request = SdkHttpRequest.builder()
                .method(SdkHttpMethod.POST)
                .uri(endpoint.resolve("/"))
                .putHeader("Content-Type", "application/x-amz-json-1.1")
                .putHeader("Content-Length", "2")
                .putHeader("X-Amz-Target", service.target())
                .build();
        SignedRequest signed = AwsV4HttpSigner.create().sign(sign -> sign.identity(credentials)
                .request(request)
                .payload(body)
                .putProperty(AwsV4FamilyHttpSigner.SERVICE_SIGNING_NAME, service.name())
                .putProperty(AwsV4HttpSigner.REGION_NAME, region));
        return HttpExecuteRequest.builder()
                .request(signed.request())
                .contentStreamProvider(signed.payload().orElse(body))
                .build();
    }

    private static String body(HttpExecuteResponse answer) throws IOException {
        if (answer.responseBody().isEmpty()) {
            return "";
        }
        try (InputStream body = answer.responseBody().get()) {
            byte[] bytes = body.readNBytes(LONGEST_ANSWER);
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    private static CloudFailure refused(int status, String body, String... secrets) {
        String code = "";
        String said = "";
        try {
            JsonNode error = JSON.readTree(body);
            code = error.path("__type").asText("").replaceFirst("^.*#", "");
            said = error.path("message").asText(error.path("Message").asText(""));
        } catch (JsonProcessingException e) {
            said = "something else than JSON";
        }
        return failure(status, code, Redaction.of(said, secrets));
    }

    private static CloudFailure failure(int status, String code, String said) {
        String remedy = REMEDIES.getOrDefault(code, "AWS's documentation says what this error means");
        return new CloudFailure(
                "AWS answered " + status + " " + code + (said.isEmpty() ? "" : ": " + said) + "; " + remedy);
    }

    /** The token is user and password as Basic has them. */
    private static RegistryLogin login(String token, @Nullable Instant expires) throws CloudFailure {
        String both;
        try {
            both = new String(Base64.getDecoder().decode(token), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            both = "";
        }
        int colon = both.indexOf(':');
        if (colon <= 0 || expires == null) {
            throw new CloudFailure("AWS's answer holds no login; check what answers in place of the ECR endpoint");
        }
        return new RegistryLogin(both.substring(0, colon), new SecretText(both.substring(colon + 1)), expires);
    }
}
