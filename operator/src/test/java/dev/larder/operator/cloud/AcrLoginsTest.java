package dev.larder.operator.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.larder.operator.cloud.CloudIdentity.Acr;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AcrLoginsTest {

    private static final Instant NOW = Instant.parse("2026-11-22T06:00:00Z");
    private static final CloudKeys KEYS = new CloudKeys(
            "azure-keys",
            Map.of(
                    "AZURE_CLIENT_ID", new SecretText(FakeAzure.CLIENT),
                    "AZURE_CLIENT_SECRET", new SecretText(FakeAzure.CLIENT_SECRET)));

    @TempDir
    Path folder;

    private final FakeAzure azure = new FakeAzure();
    private final HttpClient http = HttpClient.newHttpClient();
    private final Map<String, String> environment = new HashMap<>();

    @BeforeEach
    void point() {
        environment.put("AZURE_AUTHORITY_HOST", azure.url() + "/");
    }

    @AfterEach
    void stop() {
        http.shutdownNow();
        azure.close();
    }

    /** As AKS's webhook sets it. */
    private void workloadIdentity() throws Exception {
        Path token = Files.writeString(folder.resolve("token"), FakeAzure.FEDERATED);
        environment.put("AZURE_CLIENT_ID", FakeAzure.CLIENT);
        environment.put("AZURE_TENANT_ID", FakeAzure.TENANT);
        environment.put("AZURE_FEDERATED_TOKEN_FILE", token.toString());
    }

    private AcrLogins logins() {
        return new AcrLogins(http, environment, _ -> azure.url(), Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private CloudFailure failure(Acr identity) {
        return Objects.requireNonNull(catchThrowableOfType(CloudFailure.class, () -> logins().of(identity)));
    }

    private static Acr withKeys() {
        return new Acr(FakeAzure.REGISTRY, FakeAzure.TENANT, KEYS);
    }

    private void isTheRefreshToken(RegistryLogin login) {
        assertThat(login.user()).isEqualTo("00000000-0000-0000-0000-000000000000");
        assertThat(login.password().reveal()).isEqualTo(azure.refreshToken());
        assertThat(login.expires()).isEqualTo(azure.expires.truncatedTo(ChronoUnit.SECONDS));
        assertThat(azure.asked()).hasSize(2);
    }

    @Test
    void workloadIdentity_isExchanged() throws Exception {
        workloadIdentity();
        isTheRefreshToken(logins().of(new Acr(FakeAzure.REGISTRY, null, null)));
    }

    @Test
    void clientSecret_isExchanged() throws Exception {
        isTheRefreshToken(logins().of(withKeys()));
    }

    @Test
    void tokenThatDoesNotSayWhenItEnds_isTakenForAnHour() throws Exception {
        AcrLogins logins = logins();
        azure.failWith(FakeCloud.Reply.json(200, "{\"access_token\":\"opaque\",\"refresh_token\":\"opaque\"}"));
        assertThat(logins.of(withKeys()).expires()).isEqualTo(NOW.plusSeconds(3600));
    }

    @Test
    void wrongSecret_isNamed_withoutWhatDiffersEachTime() {
        azure.failWith(FakeAzure.invalidClient());
        assertThat(failure(withKeys()))
                .hasMessage(
                        "Entra answered 401 AADSTS7000215: Invalid client secret provided.; check tenant, and client id"
                                + " and secret in Secret azure-keys");
    }

    @Test
    void registryThatRefuses_namesTheRole_andNoToken() throws Exception {
        Acr other = new Acr("other.azurecr.io", FakeAzure.TENANT, KEYS);
        assertThat(failure(other))
                .hasMessageContaining("other.azurecr.io answered 401 UNAUTHORIZED authentication required")
                .hasMessageContaining("give this identity the role AcrPull on the registry")
                .message()
                .doesNotContain(FakeAzure.MARK);
    }

    @Test
    void noIdentity_saysHowToGiveOne() {
        assertThat(failure(new Acr(FakeAzure.REGISTRY, FakeAzure.TENANT, null)))
                .hasMessageContaining("azure.workload.identity/use")
                .hasMessageContaining("azure.workload.identity/client-id");
        assertThat(failure(new Acr(FakeAzure.REGISTRY, null, KEYS)))
                .hasMessage("no tenant is known: set cloudIdentity.tenant");
        assertThat(azure.asked()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[]", "", "<html>", "null", "{\"access_token\":\"x\"}"})
    void answerThatIsNone_isAFailure(String body) {
        azure.failWith(FakeCloud.Reply.json(200, body));
        assertThat(failure(withKeys())).hasMessageContaining("check what stands between");
    }

    @Test
    void answerWithoutEnd_isCutOff() {
        azure.failWith(FakeCloud.Reply.json(200, "{\"x\":\"" + "a".repeat(1 << 18) + "\"}"));
        assertThat(failure(withKeys())).hasMessageContaining("Entra could not be asked");
    }

    @Test
    void serverThatIsNotThere_isNamed() {
        azure.close();
        assertThat(failure(withKeys())).hasMessageContaining("Entra could not be asked at 127.0.0.1:" + azure.port());
    }
}
