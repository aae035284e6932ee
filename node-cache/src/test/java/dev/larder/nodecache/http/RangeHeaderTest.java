package dev.larder.nodecache.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.nodecache.error.InvalidRequest;
import dev.larder.nodecache.registry.ByteRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RangeHeaderTest {

    @ParameterizedTest
    @CsvSource({
        "bytes=0-, 0, 1000",
        "bytes=5-9, 5, 10",
        "bytes=990-2000, 990, 1000",
        "bytes=-10, 990, 1000",
        "bytes=-5000, 0, 1000"
    })
    void within_span(String header, long from, long to) {
        assertThat(RangeHeader.parse(header).orElseThrow().within(1000)).isEqualTo(new ByteRange.Span(from, to));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=1000-", "bytes=9-5", "bytes=-0"})
    void within_unsatisfiable(String header) {
        ByteRange range = RangeHeader.parse(header).orElseThrow();
        assertThatThrownBy(() -> range.within(1000)).isInstanceOf(InvalidRequest.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "bytes", "bytes=-", "bytes=a-b", "bytes=1-2,4-5", "items=1-2", "bytes=99999999999999999999-"
            })
    void parse_ignored(String header) {
        assertThat(RangeHeader.parse(header)).isEmpty();
    }

    @Test
    void parse_absent() {
        assertThat(RangeHeader.parse(null)).isEmpty();
    }
}
