package dev.larder.nodecache.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.nodecache.error.UpstreamFailure;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses only, so that nothing is resolved. */
class RedirectRulesTest {

    private static final URI PUBLIC = URI.create("https://192.0.2.1/v2/a/blobs/sha256:1");
    private static final URI INTERNAL = URI.create("http://127.0.0.1:5000/v2/a/blobs/sha256:1");

    @ParameterizedTest(name = "{0} is followed to {1}")
    @CsvSource({
        "https://198.51.100.7/x?sig=1, https://198.51.100.7/x?sig=1",
        "/other, https://192.0.2.1/other",
        "//198.51.100.7/x, https://198.51.100.7/x",
        "https://10.1.2.3/x, https://10.1.2.3/x",
        "'https://[2001:db8::1]/x', 'https://[2001:db8::1]/x'"
    })
    void follow_whatLeadsOutside(String location, String target) {
        assertThat(RedirectRules.follow(PUBLIC, false, PUBLIC, location)).isEqualTo(URI.create(target));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://127.0.0.1/x",
                "https://127.8.8.8/x",
                "https://2130706433/x",
                "https://[::1]/x",
                "https://[::ffff:127.0.0.1]/x",
                "https://0.0.0.0/x",
                "https://169.254.169.254/latest/meta-data",
                "https://[::ffff:169.254.169.254]/x",
                "https://[fe80::1]/x",
                "https://[fd00:ec2::254]/x",
                "https://100.100.100.200/x",
                "https://0x7f.1/x",
                "https://0177.0.0.1/x",
                "https://localhost/x",
                "https://Node.LocalHost/x",
                "http://198.51.100.7/x",
                "ftp://198.51.100.7/x",
                "https:///x",
                "file:///etc/passwd",
                "https://a b/x"
            })
    void follow_neverIntoTheNode_norToPlainHttp(String location) {
        assertThatThrownBy(() -> RedirectRules.follow(PUBLIC, false, PUBLIC, location))
                .isInstanceOf(UpstreamFailure.class)
                .hasMessageContaining("it was not followed")
                .extracting(e -> ((UpstreamFailure) e).kind())
                .isEqualTo(UpstreamFailure.Kind.MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://127.0.0.1:5001/x", "http://198.51.100.7/x", "https://198.51.100.7/x"})
    void follow_anywhereFromAnUpstreamInTheNode(String location) {
        assertThat(RedirectRules.follow(INTERNAL, true, INTERNAL, location)).isEqualTo(URI.create(location));
    }

    @ParameterizedTest(name = "a name that stands for {0}, from an upstream inside the node: {1}, is followed: {2}")
    @CsvSource({
        "198.51.100.7, false, true",
        "10.1.2.3 192.168.1.1 fd12::1, false, true",
        "127.0.0.1, false, false",
        "198.51.100.7 127.0.0.1, false, false",
        "169.254.169.254, false, false",
        "::ffff:169.254.169.254, false, false",
        "fe80::1, false, false",
        "127.0.0.1, true, true"
    })
    void checked_looksAtEveryAddress(String addresses, boolean inside, boolean followed) {
        List<InetAddress> resolved = Pattern.compile(" ")
                .splitAsStream(addresses)
                .map(InetAddress::ofLiteral)
                .toList();
        if (followed) {
            assertThat(RedirectRules.checked(PUBLIC, inside, resolved)).isEqualTo(resolved);
        } else {
            assertThatThrownBy(() -> RedirectRules.checked(PUBLIC, inside, resolved))
                    .hasMessageContaining("a name that leads to an address inside this node; it was not followed");
        }
    }

    @Test
    void checked_withoutAnyAddress_isRefused() {
        assertThatThrownBy(() -> RedirectRules.checked(PUBLIC, true, List.of()))
                .hasMessageContaining("a name that has no address; it was not followed");
    }

    @ParameterizedTest(name = "{0} and {1}: {2}")
    @CsvSource({
        "https://a.test/x, https://A.test:443/y, true",
        "https://a.test, http://a.test, false",
        "https://a.test, https://a.test:8443, false",
        "https://a.test, https://b.a.test, false"
    })
    void sameOrigin(String a, String b, boolean expected) {
        assertThat(RedirectRules.sameOrigin(URI.create(a), URI.create(b))).isEqualTo(expected);
    }
}
