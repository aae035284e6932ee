package dev.larder.nodecache.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyRulesTest {

    private static boolean proxied(Map<String, String> environment, String target) {
        return ProxyRules.of(environment).towards(URI.create(target)).isPresent();
    }

    @ParameterizedTest(name = "NO_PROXY={0}: {1} proxied: {2}")
    @CsvSource({
        "'', https://quay.io, true",
        "quay.io, https://quay.io, false",
        "quay.io, https://cdn.quay.io, false",
        "quay.io, https://myquay.io, true",
        ".quay.io, https://cdn.quay.io, false",
        ".quay.io, https://quay.io, true",
        "*.quay.io, https://cdn.quay.io, false",
        "QUAY.io, https://Quay.IO, false",
        "'a.b , quay.io', https://quay.io, false",
        "quay.io:443, https://quay.io, false",
        "quay.io:443, https://quay.io:5000, true",
        "*, https://quay.io, false",
        "10.0.0.0/8, https://10.200.0.1, false",
        "10.0.0.0/8, https://11.0.0.1, true",
        "10.0.0.0/9, https://10.128.0.1, true",
        "10.0.0.0/8, https://ten.example, true",
        "10.0.0.1, https://10.0.0.1:5000, false",
        "'[,[:443', https://quay.io, true",
        "fd00::/8, 'https://[fd12::1]:5000', false",
        "fd00::/8, https://10.0.0.1, true",
        "fd00::1, 'https://[fd00:0:0::1]', false",
        "'[fd00::1]:5000', 'https://[fd00::1]:5000', false",
        "'[fd00::1]:5000', 'https://[fd00::1]:5001', true",
        "10.0.0.0/99, https://10.0.0.1, true",
        "nonsense/8, https://10.0.0.1, true",
        "'', http://quay.io, false",
        "'', https://localhost:5000, false",
        "'', https://127.0.0.1:5000, false",
        "'', 'https://[::1]:5000', false"
    })
    void exceptions(String except, String target, boolean expected) {
        assertThat(proxied(Map.of("HTTPS_PROXY", "http://proxy.corp:3128", "NO_PROXY", except), target))
                .isEqualTo(expected);
    }

    @Test
    void eachSchemeHasItsOwn_inUpperOrLowerCase() {
        Map<String, String> both = Map.of("http_proxy", "plain.corp", "https_proxy", "http://[fd00::2]:3128/");
        assertThat(ProxyRules.of(both).towards(URI.create("http://quay.io")))
                .hasValue(new ProxyRules.Proxy("plain.corp", 80, null, null));
        assertThat(ProxyRules.of(both).towards(URI.create("https://quay.io")))
                .hasValue(new ProxyRules.Proxy("fd00::2", 3128, null, null));
        assertThat(proxied(Map.of(), "https://quay.io")).isFalse();
    }

    @Test
    void aLogin_isDecoded_andNeverPrinted() {
        Map<String, String> environment = Map.of("HTTPS_PROXY", "http://ann:p%40ss+w@proxy.corp:3128");
        ProxyRules.Proxy proxy = ProxyRules.of(environment)
                .towards(URI.create("https://quay.io"))
                .orElseThrow();
        assertThat(proxy.user()).isEqualTo("ann");
        assertThat(proxy.password()).extracting("reveal").isEqualTo("p@ss+w");
        assertThat(proxy.toString()).doesNotContain("p@ss");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://ann:secret@proxy",
                "socks5://ann:secret@proxy",
                "http://ann:secret@",
                "http://ann:secret@proxy:70000",
                "::secret::"
            })
    void whatCannotBeUsed_isSaidWithoutTheSecret(String value) {
        assertThatThrownBy(() -> ProxyRules.of(Map.of("HTTPS_PROXY", value)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("HTTPS_PROXY")
                .hasMessageNotContaining("secret");
    }
}
