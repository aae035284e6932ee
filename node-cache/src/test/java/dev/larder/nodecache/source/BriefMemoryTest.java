package dev.larder.nodecache.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.SettableClock;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BriefMemoryTest {

    private final SettableClock clock = new SettableClock();
    private final BriefMemory<String, Integer> memory = new BriefMemory<>(clock, Duration.ofSeconds(10), 3);

    @Test
    void thing_isRememberedUntilItsOwnEnd_elseForTheUsualSpan() {
        memory.put("usual", 1);
        memory.put("long", 2, clock.instant().plusSeconds(20));
        memory.put("over", 3, clock.instant());
        assertThat(memory.find("over")).isEmpty();
        clock.advance(Duration.ofSeconds(10).minusNanos(1));
        assertThat(memory.find("usual")).hasValue(1);
        clock.advance(Duration.ofNanos(1));
        assertThat(memory.find("usual")).isEmpty();
        assertThat(memory.find("long")).hasValue(2);
        assertThat(memory.all()).isEqualTo(Map.of("long", 2));
        clock.advance(Duration.ofSeconds(10));
        assertThat(memory.all()).isEmpty();
    }

    @Test
    void thoseFirstPut_goFirst() {
        for (String name : new String[] {"a", "b", "c", "a", "d"}) {
            memory.put(name, 0);
        }
        assertThat(memory.all()).containsOnlyKeys("c", "a", "d");
        memory.forgetIf("a"::equals);
        memory.forget("d");
        assertThat(memory.all()).containsOnlyKeys("c");
    }
}
