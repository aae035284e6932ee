package dev.larder.operator.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import com.google.api.client.http.javanet.NetHttpTransport;
import com.google.auth.oauth2.ComputeEngineCredentials;
import dev.larder.operator.cloud.CloudIdentity.Google;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GoogleLoginsTest {

    private final FakeGoogle google = new FakeGoogle();

    @AfterEach
    void stop() {
        google.close();
    }

    private static GoogleLogins withoutOwn() {
        return new GoogleLogins(() -> {
            throw new IOException("Your default credentials were not found.");
        });
    }

    private static CloudKeys keys(String json) {
        return new CloudKeys("google-key", Map.of("key.json", new SecretText(json)));
    }

    private static CloudFailure failure(GoogleLogins logins, Google identity) {
        return Objects.requireNonNull(catchThrowableOfType(CloudFailure.class, () -> logins.of(identity)));
    }

    private static void isTheToken(RegistryLogin login) {
        assertThat(login.user()).isEqualTo("oauth2accesstoken");
        assertThat(login.password().reveal()).isEqualTo(FakeGoogle.TOKEN);
        assertThat(login.expires()).isCloseTo(Instant.now().plusSeconds(3599), within(60, ChronoUnit.SECONDS));
    }

    @Test
    void keyOfAServiceAccount_signsForAToken() throws Exception {
        isTheToken(withoutOwn().of(new Google(keys(google.keyJson()))));
        assertThat(google.asked()).hasSize(1);
    }

    /** The library finds the metadata server by name: here a proxy leads to the simulator. */
    @Test
    void workloadIdentity_isTheMetadataServers() throws Exception {
        Proxy proxy =
                new Proxy(Proxy.Type.HTTP, new InetSocketAddress(InetAddress.getLoopbackAddress(), google.port()));
        GoogleLogins logins = new GoogleLogins(() -> ComputeEngineCredentials.newBuilder()
                .setHttpTransportFactory(
                        () -> new NetHttpTransport.Builder().setProxy(proxy).build())
                .build());
        isTheToken(logins.of(new Google(null)));
        assertThat(google.asked()).hasSize(1).allSatisfy(asked -> assertThat(asked.header("host"))
                .isEqualTo("metadata.google.internal"));
    }

    @Test
    void refusedKey_namesTheSecret_andNothingOfTheKey() {
        google.failWith(FakeGoogle.invalidGrant("Invalid JWT: account not found " + FakeGoogle.TOKEN));
        assertThat(failure(withoutOwn(), new Google(keys(google.keyJson()))))
                .hasMessageContaining("Google gave no token")
                .hasMessageContaining("account not found")
                .hasMessageContaining("check that key.json of Secret google-key")
                .message()
                .doesNotContain(FakeGoogle.MARK)
                .doesNotContain("PRIVATE KEY");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no json s3cr3t-mark",
                "{}",
                "{\"type\": \"service_account\"}",
                "{\"type\": \"external_account\"}",
                "[]"
            })
    void keyThatIsNone_isAFailure(String key) {
        assertThat(failure(withoutOwn(), new Google(keys(key))))
                .hasMessageContaining("Secret google-key")
                .message()
                .doesNotContain(FakeGoogle.MARK);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"access_token\":\"x\"}", "<html>", "[]"})
    void answerThatIsNone_isAFailure(String body) {
        google.failWith(FakeCloud.Reply.json(200, body));
        assertThat(failure(withoutOwn(), new Google(keys(google.keyJson())))).hasMessageContaining("Google");
    }

    @Test
    void noIdentity_saysHowToGiveOne() {
        assertThat(failure(withoutOwn(), new Google(null)))
                .hasMessageContaining("annotate the operator's ServiceAccount with iam.gke.io/gcp-service-account");
    }
}
