package dev.larder.operator.mirroredimage;

import static dev.larder.operator.mirroredimage.Specs.digest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.operator.cloud.SettableClock;
import dev.larder.operator.registrycache.desired.Names;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is written when, against a server that only stores objects. */
@EnableKubernetesMockClient(crud = true)
class TableWriterTest {

    private static final String NAMESPACE = "larder-system";
    private static final int MANY = 50;

    private final SettableClock clock = new SettableClock();
    private final Queue<Runnable> later = new ArrayDeque<>();

    @SuppressWarnings("NullAway.Init") // set by the extension
    KubernetesClient client;

    @SuppressWarnings("NullAway.Init")
    private TableWriter writer;

    @BeforeEach
    void make() {
        writer = restarted();
    }

    private TableWriter restarted() {
        return new TableWriter(client, NAMESPACE, clock, (delay, task) -> later.add(task));
    }

    private static TagTable.Part part(int digest) {
        return part("nginx", "1.27", digest);
    }

    private static TagTable.Part part(String name, String tag, int digest) {
        return new TagTable.Part(
                name,
                "uid-" + name,
                "2026-01-01T00:00:00Z",
                Specs.SOURCE,
                List.of("linux/amd64"),
                true,
                List.of(new TagTable.Entry(tag, digest(digest), List.of())),
                "",
                "");
    }

    private TableFile.Place put(TagTable.Part part) {
        return put(writer, part, List.of());
    }

    private static TableFile.Place put(TableWriter writer, TagTable.Part part, List<TagTable.Part> others) {
        try {
            return writer.put(part, NodeGroup.ALL, () -> others);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private Resource<ConfigMap> table() {
        return client.configMaps().inNamespace(NAMESPACE).withName(Names.mirrorTable(TagTable.shardOf(Specs.SOURCE)));
    }

    private String version() {
        return table().get().getMetadata().getResourceVersion();
    }

    private String revision() {
        return writer.revisions().values().iterator().next();
    }

    /** Lets the time pass after which a file may be written again, and what was put off be done. */
    private void pass() {
        clock.advance(Writing.TOGETHER);
        for (Runnable task = later.poll(); task != null; task = later.poll()) {
            task.run();
        }
    }

    @Test
    void same_isNotWrittenAgain_andAnotherIs() {
        put(part(1));
        String first = version();
        put(part(1));
        assertThat(version()).isEqualTo(first);
        clock.advance(Writing.TOGETHER);
        put(part(2));
        assertThat(table().get().getData().toString()).contains(digest(2));
        clock.advance(Writing.TOGETHER);
        writer.remove("nginx");
        assertThat(table().get()).isNull();
        assertThat(writer.revisions()).isEmpty();
    }

    @Test
    void deletedBySomebody_comesBack() {
        put(part(1));
        table().delete();
        clock.advance(Duration.ofMinutes(2));
        put(part(1));
        assertThat(table().get().getData().toString()).contains(digest(1));
    }

    @Test
    void many_areWrittenTogether() {
        put(part(1));
        String first = version();
        IntStream.range(0, MANY).forEach(n -> put(part("app" + n, "2." + n, n)));
        assertThat(version()).isEqualTo(first);
        assertThat(later).hasSize(1);
        pass();
        assertThat(table().get().getMetadata().getOwnerReferences()).hasSize(MANY + 1);
        String all = version();
        pass();
        assertThat(version()).isEqualTo(all);
        IntStream.range(0, MANY).forEach(n -> writer.remove("app" + n));
        writer.remove("nginx");
        pass();
        assertThat(table().get()).isNull();
    }

    @Test
    void resource_isNotThere_beforeItIsWritten() {
        put(part(1));
        assertThat(put(part("app", "1.28", 2)).revisions()).isEmpty();
        pass();
        assertThat(put(part("app", "1.28", 2)).revisions()).containsExactly(revision());
    }

    @Test
    void changeOfAnother_leavesEarlierStatesGoodEnough() {
        String first = put(part(1)).revisions().iterator().next();
        clock.advance(Writing.TOGETHER);
        put(part("app", "1.28", 2));
        String second = revision();
        assertThat(put(part(1)).revisions()).containsExactlyInAnyOrder(first, second);
        assertThat(put(part("app", "1.28", 2)).revisions()).containsExactly(second);
        writer = restarted();
        assertThat(put(writer, part(1), List.of(part("app", "1.28", 2))).revisions())
                .containsExactly(second);
    }

    @Test
    void whileAFileIsComparedForTheFirstTime_itsResourcesWait() throws Exception {
        put(part(1));
        String there = revision();
        CountDownLatch atIt = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicReference<TableWriter> again = new AtomicReference<>();
        again.set(new TableWriter(client, NAMESPACE, new HeldClock(again::get, atIt, goOn), (delay, task) -> {}));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<TableFile.Place> one = threads.submit(() -> put(again.get(), part(1), List.of()));
            assertThat(atIt.await(10, TimeUnit.SECONDS)).isTrue();
            Future<TableFile.Place> other = threads.submit(() -> put(again.get(), part(1), List.of()));
            assertThatThrownBy(() -> other.get(200, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            goOn.countDown();
            assertThat(one.get().revisions()).containsExactly(there);
            assertThat(other.get().revisions()).containsExactly(there);
        }
    }

    /** Stops whoever begins to write. */
    private static final class HeldClock extends Clock {
        private final Supplier<TableWriter> writer;
        private final CountDownLatch atIt;
        private final CountDownLatch goOn;

        HeldClock(Supplier<TableWriter> writer, CountDownLatch atIt, CountDownLatch goOn) {
            this.writer = writer;
            this.atIt = atIt;
            this.goOn = goOn;
        }

        @Override
        public Instant instant() {
            if (!Thread.holdsLock(writer.get())) {
                atIt.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
            return Instant.parse("2026-11-22T06:00:00Z");
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    @Test
    void sourceChanged_leavesNothingInTheFileBefore() {
        put(part(1));
        clock.advance(Writing.TOGETHER);
        put(new TagTable.Part(
                "nginx", "uid-nginx", "2026-01-01T00:00:00Z", "quay.io/a/b", List.of(), true, List.of(), "", ""));
        pass();
        assertThat(TagTable.shardOf("quay.io/a/b")).isNotEqualTo(TagTable.shardOf(Specs.SOURCE));
        assertThat(table().get()).isNull();
    }
}
