package dev.larder.nodecache.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.HttpClientRequest;
import java.lang.reflect.Proxy;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpstreamResponseTest {

    private static UpstreamResponse with(String name, String value) {
        HttpClientRequest request = (HttpClientRequest) Proxy.newProxyInstance(
                UpstreamResponseTest.class.getClassLoader(),
                new Class<?>[] {HttpClientRequest.class},
                (self, method, arguments) -> {
                    throw new AssertionError(method);
                });
        return new UpstreamResponse(
                "registry.test", 200, Map.of(name, value), false, new UpstreamBody("registry.test", request, n -> {}));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0000", "a\u0001b", "a\rb", "a\nb", "\u001f", "a\u007f"})
    void controlCharacters_garbleAHeader(String value) {
        assertThat(with("link", value).garbled()).contains("link");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a\tb", "\u00e9~", "</v2/a/tags/list?last=b>; rel=\"next\""})
    void everythingElse_mayBeInOne(String value) {
        assertThat(with("link", value).garbled()).isEmpty();
    }

    @Test
    void severalChallenges_areNoGarble_butEachMayBe() {
        String name = "www-authenticate";
        String two = UpstreamResponse.both(name, "Basic realm=\"a\"", "Bearer realm=\"b\"");
        assertThat(with(name, two).garbled()).isEmpty();
        assertThat(with(name, two).challenges()).hasSize(2);
        assertThat(with(name, two + "\u0001").garbled()).contains(name);
    }
}
