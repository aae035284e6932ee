package dev.larder.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.e2e.toolchain.CacheFolder;
import dev.larder.e2e.toolchain.Progress;
import dev.larder.e2e.toolchain.Toolchain;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Clusters that begin and end at the same moment. */
class SlotIT {
    private static final int AT_ONCE = 4;

    private final CacheFolder cache = CacheFolder.ofEnvironment();
    private final Toolchain tools = Toolchain.prepare(cache, new Progress(System.out));
    private final List<Ending> endings = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    private record Taken(Slot slot, Ending ending) {}

    @AfterEach
    void end() {
        endings.forEach(Ending::end);
        endings.forEach(Ending::forget);
        threads.close();
    }

    @Test
    void slotsTakenAtOnce_areDifferent_andOutliveTheEndOfOthers() throws Exception {
        List<Taken> first = results(takeAtOnce());
        assertThat(first).extracting(taken -> taken.slot().number()).doesNotHaveDuplicates();

        List<Future<?>> ends = first.stream()
                .<Future<?>>map(taken -> threads.submit(taken.ending()::end))
                .toList();
        List<Future<Taken>> next = takeAtOnce();

        assertThat(results(next))
                .hasSize(AT_ONCE)
                .extracting(taken -> taken.slot().number())
                .doesNotHaveDuplicates();
        for (Future<?> end : ends) {
            end.get();
        }
        assertThat(results(next)).allSatisfy(taken -> {
            assertThat(Network.claimed(taken.slot().number())).isTrue();
            assertThat(Files.exists(taken.slot().folder())).isTrue();
        });
    }

    private List<Future<Taken>> takeAtOnce() {
        List<Enclosure> enclosures =
                IntStream.range(0, AT_ONCE).mapToObj(index -> Enclosure.open()).toList();
        return enclosures.stream()
                .map(enclosure -> {
                    Ending ending = Ending.of(enclosure, tools.system().resolve("ip"), cache);
                    endings.add(ending);
                    return threads.submit(() -> new Taken(
                            Slot.changing(cache, () -> NativeCluster.claim(cache, tools, enclosure, ending)), ending));
                })
                .toList();
    }

    private static List<Taken> results(List<Future<Taken>> taken) throws ExecutionException, InterruptedException {
        var results = new ArrayList<Taken>();
        for (Future<Taken> one : taken) {
            results.add(one.get());
        }
        return results;
    }
}
