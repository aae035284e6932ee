package dev.larder.e2e.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SeriesTest {

    private static Series of(double... values) {
        Series series = new Series("some", "ms", 1);
        for (double value : values) {
            series.add(value);
        }
        return series;
    }

    @Test
    void figures_areTheMedianAndTheSpread() {
        assertThat(of(3, 1, 10).figures()).isEqualTo("3.0 ms (1.0 to 10.0)");
        assertThat(of(3, 1, 10, 4).figures()).isEqualTo("3.5 ms (1.0 to 10.0)");
    }

    /** The medians' own would be 2. */
    @Test
    void ratio_isOfRounds_notOfMedians() {
        assertThat(of(10, 20, 60).ratio(of(10, 5, 20))).isEqualTo("3.00x (1.00 to 4.00)");
        assertThat(of(1, 2).ratio(of(2, 2))).isEqualTo("0.75x (0.50 to 1.00)");
    }

    @Test
    void ratio_isPartOfTheLine() {
        assertThat(of(10, 20, 60).beside(of(10, 5, 20))).startsWith("some ").endsWith(" 3.00x (1.00 to 4.00)");
    }

    @Test
    void ratio_ofUnequalRounds_isNone() {
        assertThatThrownBy(() -> of(1, 2).ratio(of(1))).isInstanceOf(IllegalArgumentException.class);
    }
}
