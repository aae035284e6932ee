package dev.larder.operator.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.larder.operator.cloud.CloudIdentity.Ecr;
import dev.larder.operator.cloud.CloudIdentity.EcrPublic;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** AWS's library is pointed at the simulator by its own settings. */
class EcrLoginsTest {

    private static final CloudKeys KEYS = new CloudKeys(
            "aws-keys",
            Map.of(
                    "AWS_ACCESS_KEY_ID", new SecretText("AKIDEXAMPLE"),
                    "AWS_SECRET_ACCESS_KEY", new SecretText("key-" + FakeAws.MARK)));

    @TempDir
    Path folder;

    private final FakeAws aws = new FakeAws();
    private final EcrLogins logins = new EcrLogins(Map.of(
            "AWS_ENDPOINT_URL_ECR", aws.url().toString(),
            "AWS_ENDPOINT_URL_ECR_PUBLIC", aws.url().toString()));
    private final Map<String, String> before = new HashMap<>();

    @BeforeEach
    void point() {
        set("aws.endpointUrlSts", aws.url().toString());
        set("aws.disableEc2Metadata", "true");
    }

    @AfterEach
    void stop() {
        before.forEach((name, value) -> {
            if (value.isEmpty()) {
                System.clearProperty(name);
            } else {
                System.setProperty(name, value);
            }
        });
        aws.close();
    }

    private void set(String name, String value) {
        before.put(name, System.getProperty(name, ""));
        System.setProperty(name, value);
    }

    private void roleOfTheServiceAccount() throws IOException {
        Path token = Files.writeString(folder.resolve("token"), FakeAws.WEB_IDENTITY, StandardCharsets.UTF_8);
        set("aws.roleArn", FakeAws.ROLE);
        set("aws.webIdentityTokenFile", token.toString());
        set("aws.region", "eu-central-1");
    }

    private CloudFailure failure(CloudIdentity.Ecr identity) {
        return java.util.Objects.requireNonNull(
                catchThrowableOfType(CloudFailure.class, () -> logins.ofRegion(identity)));
    }

    @Test
    void keys_giveTheLoginOfTheirRegion() throws Exception {
        RegistryLogin login = logins.ofRegion(new Ecr("eu-central-1", KEYS));
        assertThat(login.user()).isEqualTo("AWS");
        assertThat(login.password().reveal()).isEqualTo(FakeAws.PASSWORD);
        assertThat(login.expires().truncatedTo(ChronoUnit.SECONDS))
                .isEqualTo(aws.expires.truncatedTo(ChronoUnit.SECONDS));
        assertThat(aws.signedBy).isEqualTo("AKIDEXAMPLE/eu-central-1/ecr");
        assertThat(aws.asked()).hasSize(1);
    }

    @Test
    void publicRegistry_isAskedInItsOneRegion() throws Exception {
        RegistryLogin login = logins.ofPublic(new EcrPublic(KEYS));
        assertThat(login.password().reveal()).isEqualTo(FakeAws.PASSWORD);
        assertThat(aws.signedBy).isEqualTo("AKIDEXAMPLE/us-east-1/ecr-public");
    }

    @Test
    void roleOfTheServiceAccount_isAssumedWithItsToken() throws Exception {
        roleOfTheServiceAccount();
        RegistryLogin login = logins.ofRegion(new Ecr("eu-central-1", null));
        assertThat(login.password().reveal()).isEqualTo(FakeAws.PASSWORD);
        assertThat(aws.signedBy).isEqualTo("ASIATEMPORARY/eu-central-1/ecr");
        assertThat(aws.asked()).hasSize(2);
    }

    @Test
    void missingPermission_isNamed() {
        aws.failWith(FakeAws.error(
                "AccessDeniedException",
                "User: arn:aws:sts::123456789012:assumed-role/larder/x is not authorized to perform:"
                        + " ecr:GetAuthorizationToken on resource: * because no identity-based policy allows the"
                        + " ecr:GetAuthorizationToken action; given key-" + FakeAws.MARK));
        assertThat(failure(new Ecr("eu-central-1", KEYS)))
                .hasMessageContaining("AWS answered 400 AccessDeniedException: User: arn:aws:sts::123456789012")
                .hasMessageContaining("allow this identity the IAM action ecr:GetAuthorizationToken")
                .message()
                .doesNotContain(FakeAws.MARK);
    }

    @Test
    void roleThatDoesNotTrustTheServiceAccount_isNamed() throws Exception {
        roleOfTheServiceAccount();
        aws.failWith(FakeAws.denied());
        assertThat(failure(new Ecr("eu-central-1", null)))
                .hasMessageContaining("Not authorized to perform sts:AssumeRoleWithWebIdentity")
                .hasMessageContaining("trust policy")
                .hasMessageContaining("eks.amazonaws.com/role-arn")
                .message()
                .doesNotContain(FakeAws.MARK)
                .doesNotContain("r-2");
    }

    @Test
    void noIdentity_saysHowToGiveOne() {
        assertThat(failure(new Ecr("eu-central-1", null)))
                .hasMessageContaining("annotate its ServiceAccount with eks.amazonaws.com/role-arn");
        assertThat(aws.asked()).isEmpty();
    }

    @Test
    void missingKey_isNamed() {
        assertThat(failure(new Ecr("eu-central-1", new CloudKeys("aws-keys", Map.of()))))
                .hasMessage("Secret aws-keys has no key AWS_ACCESS_KEY_ID: add it, or remove keysSecretRef");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"authorizationData\":[]}",
                "{\"authorizationData\":[{\"authorizationToken\":\"*\",\"expiresAt\":4000000000}]}",
                "{\"authorizationData\":[{\"authorizationToken\":\"QVdT\",\"expiresAt\":4000000000}]}",
                "{\"authorizationData\":[{\"authorizationToken\":\"QVdTOnB3\"}]}",
                "<html>a portal</html>"
            })
    void answerThatIsNone_isAFailure(String body) {
        aws.failWith(FakeAws.json(200, body));
        assertThat(failure(new Ecr("eu-central-1", KEYS))).hasMessageContaining("AWS");
    }
}
