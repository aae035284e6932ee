package dev.larder.nodecache.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FirstByteBudgetTest {

    private static final Duration GENERAL = Duration.ofSeconds(10);

    private static FirstByteBudget budget(String own) {
        return new FirstByteBudget(
                GENERAL,
                Arrays.stream(own.split(" ", -1))
                        .map(wish -> wish.equals("-")
                                ? Optional.<Duration>empty()
                                : Optional.of(Duration.ofSeconds(Long.parseLong(wish))))
                        .toList());
    }

    private static double seconds(Duration duration) {
        return Math.round(duration.toMillis() / 100.0) / 10.0;
    }

    /** A little less than at first: the clock goes on. */
    private static void isLeft(Deadline deadline, double expected) {
        assertThat(seconds(deadline.remaining())).isBetween(expected - 0.4, expected);
    }

    /** Each takes all of its part and gives nothing. */
    @ParameterizedTest(name = "{0}: {1} s together, each {2}")
    @CsvSource({
        "-, 10, 10",
        "- -, 10, 5 5",
        "- - - -, 10, 2.5 2.5 2.5 2.5",
        "3, 10, 3",
        "2 -, 10, 2 8",
        "20 -, 25, 20 5",
        "20 20, 40, 20 20",
        "1 - -, 10, 1 4.5 4.5",
        "- 6, 11, 5 6"
    })
    void aSlowSource_leavesTheOthersTheirPart(String own, double whole, String parts) {
        FirstByteBudget budget = budget(own);
        assertThat(seconds(budget.whole())).isEqualTo(whole);
        double[] expected = Arrays.stream(parts.split(" ", -1))
                .mapToDouble(Double::parseDouble)
                .toArray();
        double left = whole;
        for (int i = 0; i < expected.length; i++) {
            List<Integer> others =
                    IntStream.range(i + 1, expected.length).boxed().toList();
            Deadline deadline = Deadline.in(Duration.ofMillis((long) (left * 1000)));
            isLeft(budget.of(i, deadline, others, List.of()), expected[i]);
            left -= expected[i];
        }
    }

    @ParameterizedTest(name = "{0} s left: {1} s for the well one")
    @CsvSource({"10, 8.3", "3, 2.5"})
    void oneThatWasPutOff_keepsLittle(long left, double share) {
        Deadline deadline = Deadline.in(Duration.ofSeconds(left));
        isLeft(budget("- -").of(1, deadline, List.of(0), List.of(0)), share);
    }
}
