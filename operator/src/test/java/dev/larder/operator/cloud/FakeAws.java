package dev.larder.operator.cloud;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * ECR, ECR Public and STS: the AWS JSON 1.1 protocol (docs.aws.amazon.com/AmazonECR/latest/APIReference
 * API_GetAuthorizationToken, docs.aws.amazon.com/AmazonECRPublic/latest/APIReference), signed as
 * docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request says, and STS's query protocol
 * (docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity).
 */
final class FakeAws extends FakeCloud {

    static final String PASSWORD = "ecr-password-" + MARK;
    static final String ROLE = "arn:aws:iam::123456789012:role/larder";
    static final String WEB_IDENTITY = "eyJhbGciOiJSUzI1NiJ9.c2Etd2l0aC0" + MARK + ".c2ln";
    static final String SESSION = "session-" + MARK;

    private static final Pattern SIGNATURE =
            Pattern.compile("AWS4-HMAC-SHA256 Credential=([A-Z0-9]+)/\\d{8}/([a-z0-9-]+)"
                    + "/([a-z-]+)/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=[0-9a-f]{64}");

    private static final Map<String, String> SERVICES = Map.of(
            "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken", "ecr",
            "SpencerFrontendService.GetAuthorizationToken", "ecr-public");

    volatile Instant expires = Instant.now().plusSeconds(12 * 3600);
    /** The key that may ask, with its region and service, of the last good request. */
    volatile String signedBy = "";

    @Override
    Reply answer(Asked request) {
        if (request.body().contains("Action=AssumeRoleWithWebIdentity")) {
            return assumeRole(request);
        }
        String service = SERVICES.get(request.header("x-amz-target"));
        Matcher signature = SIGNATURE.matcher(request.header("authorization"));
        if (service == null || !request.header("content-type").equals("application/x-amz-json-1.1")) {
            return error("UnknownOperationException", "");
        }
        boolean signed = signature.matches()
                && signature.group(3).equals(service)
                && signature.group(4).contains("host")
                && signature.group(4).contains("x-amz-date")
                && signature.group(4).contains("x-amz-target")
                && request.header("x-amz-date").matches("\\d{8}T\\d{6}Z");
        if (!signed) {
            return error("MissingAuthenticationTokenException", "Missing Authentication Token");
        }
        boolean temporary = signature.group(1).startsWith("ASIA");
        if (temporary && !request.header("x-amz-security-token").equals(SESSION)) {
            return error("UnrecognizedClientException", "The security token included in the request is invalid.");
        }
        signedBy = signature.group(1) + "/" + signature.group(2) + "/" + service;
        String token = Base64.getEncoder().encodeToString(("AWS:" + PASSWORD).getBytes(StandardCharsets.UTF_8));
        String data = "{\"authorizationToken\":\"" + token + "\",\"expiresAt\":" + expires.getEpochSecond() + ".123";
        return json(
                200,
                service.equals("ecr")
                        ? "{\"authorizationData\":[" + data
                                + ",\"proxyEndpoint\":\"https://123456789012.dkr.ecr.eu-central-1.amazonaws.com\"}]}"
                        : "{\"authorizationData\":" + data + "}}");
    }

    /** Not signed: the web identity is the proof. */
    private static Reply assumeRole(Asked request) {
        Map<String, String> form = request.form();
        boolean good = "2011-06-15".equals(form.get("Version"))
                && ROLE.equals(form.get("RoleArn"))
                && WEB_IDENTITY.equals(form.get("WebIdentityToken"))
                && form.containsKey("RoleSessionName")
                && request.header("authorization").isEmpty();
        if (!good) {
            return denied();
        }
        return new Reply(
                200, "text/xml", """
                <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
                  <AssumeRoleWithWebIdentityResult>
                    <SubjectFromWebIdentityToken>system:serviceaccount:larder-system:larder-operator</SubjectFromWebIdentityToken>
                    <Audience>sts.amazonaws.com</Audience>
                    <AssumedRoleUser>
                      <Arn>arn:aws:sts::123456789012:assumed-role/larder/session</Arn>
                      <AssumedRoleId>AROA:session</AssumedRoleId>
                    </AssumedRoleUser>
                    <Credentials>
                      <SessionToken>%s</SessionToken>
                      <SecretAccessKey>temporary-%s</SecretAccessKey>
                      <Expiration>%s</Expiration>
                      <AccessKeyId>ASIATEMPORARY</AccessKeyId>
                    </Credentials>
                  </AssumeRoleWithWebIdentityResult>
                  <ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>
                </AssumeRoleWithWebIdentityResponse>
                """.formatted(SESSION, MARK, Instant.now().plusSeconds(3600)));
    }

    static Reply denied() {
        return new Reply(403, "text/xml", """
                <ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
                  <Error><Type>Sender</Type><Code>AccessDenied</Code>
                  <Message>Not authorized to perform sts:AssumeRoleWithWebIdentity</Message></Error>
                  <RequestId>r-2</RequestId>
                </ErrorResponse>
                """);
    }

    static Reply error(String code, String message) {
        return json(400, "{\"__type\":\"" + code + "\",\"message\":\"" + message + "\"}");
    }

    static Reply json(int status, String body) {
        return new Reply(status, "application/x-amz-json-1.1", body);
    }
}
