package dev.larder.nodecache.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoopbackTest {

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.0.0.53", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1"})
    void loopback_isTheNodeItself(String address) {
        assertThat(Loopback.has(address)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"10.0.0.1", "0.0.0.0", "::", "fe80::1%eth0", "::ffff:10.0.0.1", "2001:db8::1", "localhost", ""})
    void everythingElse_isNot(String address) {
        assertThat(Loopback.has(address)).isFalse();
    }

    @Test
    void clientWithoutAnAddress_isNot() {
        assertThat(Loopback.has(null)).isFalse();
    }
}
