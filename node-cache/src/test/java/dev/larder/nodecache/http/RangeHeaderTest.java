package dev.larder.nodecache.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.nodecache.error.RangeUnsatisfiable;
import dev.larder.nodecache.registry.ByteRange;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RangeHeaderTest {

    private static ByteRange parsed(String header) {
        return RangeHeader.parse(List.of(header)).orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({
        "bytes=0-, 0, 1000",
        "bytes=5-9, 5, 10",
        "bytes=990-2000, 990, 1000",
        "bytes=-10, 990, 1000",
        "bytes=-5000, 0, 1000",
        "BYTES=1-1, 1, 2",
        "bytes=0000000000000000000000005-0000000000000000000000009, 5, 10",
        "bytes=5-99999999999999999999999999, 5, 1000",
        "bytes=-99999999999999999999999999, 0, 1000",
    })
    void within_span(String header, long from, long to) {
        assertThat(parsed(header).within(1000)).isEqualTo(new ByteRange.Span(from, to));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=1000-", "bytes=9-5", "bytes=-0", "bytes=99999999999999999999-"})
    void within_unsatisfiable(String header) {
        ByteRange range = parsed(header);
        assertThatThrownBy(() -> range.within(1000)).isInstanceOf(RangeUnsatisfiable.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=0-", "bytes=5-9", "bytes=-1", "bytes=-0"})
    void within_emptyContent(String header) {
        assertThat(parsed(header).within(0)).isEqualTo(new ByteRange.Span(0, 0));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "bytes", "bytes=-", "bytes=a-b", "bytes=1-2,4-5", "items=1-2", "bytes 1-2", "bytes=1--2"})
    void parse_ignored(String header) {
        assertThat(RangeHeader.parse(List.of(header))).isEmpty();
    }

    @Test
    void parse_noneOrSeveral() {
        assertThat(RangeHeader.parse(List.of())).isEmpty();
        assertThat(RangeHeader.parse(List.of("bytes=0-1", "bytes=2-3"))).isEmpty();
    }
}
