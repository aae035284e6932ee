package dev.larder.nodecache.registry;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {

    @ParameterizedTest
    @CsvSource({
        "*, '', true",
        "*, library/nginx, true",
        "library/*, library/a/b, true",
        "library/*, library, false",
        "*-perl, 1.27-perl, true",
        "*-perl, 1.27-perl-x, false",
        "a*b*c, a-b-b-c, true",
        "a*b*c, a-b-c-d, false",
        "**x**, axb, true",
        "v?, v1, true",
        "v?, v, false",
        "v1.*, v1x2, false",
        "'', '', true",
        "'', a, false",
    })
    void matches(String pattern, String name, boolean expected) {
        assertThat(Glob.of(pattern).matches(name)).isEqualTo(expected);
    }
}
