package dev.larder.e2e.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.Condition;
import dev.larder.crds.v1alpha1.MirroredImageStatus;
import dev.larder.crds.v1alpha1.MirroredTagStatus;
import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.crds.v1alpha1.RegistryCacheSpec;
import dev.larder.e2e.images.BuildImages;
import dev.larder.e2e.images.BuiltImage;
import dev.larder.e2e.install.JobsSecret;
import dev.larder.e2e.process.Await;
import dev.larder.e2e.process.Ports;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Many MirroredImages with two tags each: what they cost the operator, the API server and the upstreams, while they come,
 * while nothing happens, when one changes, when the operator starts again and when they go. One node cache is played.
 * {@code make scale} has 5,000.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ScaleE2E {

    private static final int IMAGES = Integer.getInteger("larder.scale.images", 500);
    private static final int QUIET_TIMES = 3;
    private static final int TAGS = ManyImages.TAGS.size();
    /** Of a few, none waits for long; of thousands the last would, and so they go at the faster pace. */
    private static final int MISSED = IMAGES <= 1000 ? Math.min(IMAGES, 240) : IMAGES;

    private static final int LOOKS_A_SECOND = IMAGES <= 1000 ? 20 : 100;
    private static final int SHARDS = 16;
    private static final int CONFIG_MAP_LIMIT = 1 << 20;

    private static final long MOST_MEBIBYTES = 256;
    private static final Duration ALL = Duration.ofMinutes(10);
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Pattern RECONCILED =
            Pattern.compile("reconciliations_success_total\\{controller_name=\"mirroredimage\".*} ([0-9.E]+)");

    @SuppressWarnings("NullAway.Init")
    private static ApiServer api;

    @SuppressWarnings("NullAway.Init")
    private static OperatorProgram operator;

    @SuppressWarnings("NullAway.Init")
    private static PlayedNode node;

    @SuppressWarnings("NullAway.Init")
    private static PlayedTable table;

    private static final PlayedJobs JOBS = new PlayedJobs();

    @SuppressWarnings("NullAway.Init")
    private static ManyImages images;

    @SuppressWarnings("NullAway.Init")
    private static List<AuditLog.Call> creation;

    @SuppressWarnings("NullAway.Init")
    private static BuiltImage packed;

    private static double seconds;
    private static int starts;

    @BeforeAll
    static void reconcileAll() throws IOException {
        packed = BuildImages.build(System.out).getLast();
        api = ApiServer.startAudited();
        images = new ManyImages(api.client());
        table = new PlayedTable(api.client());
        startOperator();
        int admin = Ports.free();
        registryCache(admin);
        until("the node caches' certificate", SOON, ScaleE2E::hasCertificate);
        node = new PlayedNode(api.client(), 1, "scale", admin, () -> "");
        node.mirrors(table::report);
        node.answers(JOBS);
        node.runPod();
        images.create(0, 1);
        until("the first resource", SOON, () -> images.ready() == 1);

        long mark = api.audit().mark();
        long begin = System.nanoTime();
        images.create(1, IMAGES);
        until("all resources", ALL, () -> images.ready() == IMAGES);
        seconds = (System.nanoTime() - begin) / 1e9;
        creation = api.audit().since(mark);
        say("reconciled in %.0f s; calls: %s".formatted(seconds, counted(creation)));
    }

    /** What the beginning, which may fail, has come to. */
    @AfterAll
    static void stop() throws Exception {
        for (AutoCloseable each : Arrays.asList(operator, images, table, node, api)) {
            if (each != null) {
                each.close();
            }
        }
    }

    private static void startOperator() {
        starts++;
        try {
            operator = OperatorProgram.packed("operator-" + starts, api, packed).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void registryCache(int admin) {
        RegistryCache cache = new RegistryCache();
        cache.getMetadata().setName("scale");
        cache.setSpec(Serialization.unmarshal(
                "registries: [{host: docker.io}]\nports: {admin: " + admin + "}\n", RegistryCacheSpec.class));
        api.client().resource(cache).create();
    }

    private static boolean hasCertificate() {
        Secret secret = api.client()
                .secrets()
                .inNamespace(ApiServer.NAMESPACE)
                .withName(JobsSecret.NODE_CACHE.secretName())
                .get();
        return secret != null && secret.getData() != null && secret.getData().containsKey("tls.key");
    }

    @Test
    @Order(1)
    void resources_haveTheirConditions_andShortStatuses() {
        assertThat(images.statuses()).hasSize(IMAGES);
        images.statuses().forEach((name, status) -> {
            assertThat(status.conditions())
                    .extracting(Condition::type)
                    .as(name)
                    .containsExactlyInAnyOrder("Ready", "Checked", "Promoted", "Degraded");
            assertThat(status.tags())
                    .extracting(MirroredTagStatus::nodesReady)
                    .as(name)
                    .containsExactly(1, 1);
            assertThat(Serialization.asJson(status).length()).as(name).isLessThan(4096);
        });
        assertThat(JOBS.asked()).as("one HEAD a tag").hasSize(IMAGES * TAGS).doesNotHaveDuplicates();
    }

    @Test
    @Order(1)
    void table_hasEveryTag_inFilesBelowTheLimit() {
        Map<String, String> expected = ManyImages.references(IMAGES)
                .collect(Collectors.toMap(image -> image, image -> JOBS.digest(image), (a, b) -> a, TreeMap::new));
        assertThat(table.digests()).isEqualTo(expected);
        assertThat(table.files()).hasSize(Math.min(IMAGES, SHARDS));
        int largest = table.files().values().stream()
                .mapToInt(text -> text.getBytes(StandardCharsets.UTF_8).length)
                .max()
                .orElseThrow();
        say("largest file of the table %d KiB".formatted(largest >> 10));
        assertThat(largest).isLessThan(CONFIG_MAP_LIMIT);
    }

    @Test
    @Order(1)
    void memory_staysInBounds_whileMetricsAreReadToo() throws IOException {
        for (int scrape = 0; scrape < 5; scrape++) {
            assertThat(operator.text("/q/metrics")).contains("name=\"" + ManyImages.name(IMAGES - 1) + "\"");
        }
        say("resident %d MiB, at most %d".formatted(operator.residentMebibytes(), operator.mostResidentMebibytes()));
        assertThat(operator.mostResidentMebibytes()).isLessThanOrEqualTo(MOST_MEBIBYTES);
        assertThat(operator.log()).doesNotContain("OutOfMemory").doesNotContain("Exception in thread");
    }

    @Test
    @Order(1)
    void writes_areAFewForEachResource() {
        assertThat(count(creation, call -> call.resource().equals("mirroredimages/status")))
                .as("looked for, found, ready")
                .isLessThanOrEqualTo(IMAGES * 3L + 50);
        assertThat(count(creation, call -> call.resource().equals("events")))
                .as("found and promoted, for each tag")
                .isLessThanOrEqualTo(2L * IMAGES * TAGS + 50);
        assertThat(count(creation, call -> call.resource().equals("configmaps")))
                .as("each file once in three seconds")
                .isLessThanOrEqualTo(mostFileWrites(seconds));
        assertThat(count(creation, call -> call.resource().equals("pods")))
                .as("the node told once in three seconds")
                .isLessThanOrEqualTo((long) (seconds / 3) + 10);
        assertThat(count(creation, call -> !call.isOfTheLease()))
                .as("all writes")
                .isLessThanOrEqualTo(IMAGES * 7L + mostFileWrites(seconds) + 200);
    }

    private static long mostFileWrites(double seconds) {
        return SHARDS * ((long) (seconds / 3) + 3);
    }

    /**
     * The calls of one time that is quiet, out of three: a node cache that answers late on a busy machine is called silent,
     * and heard again at the next look.
     */
    private static List<AuditLog.Call> quietly(Runnable time) {
        List<AuditLog.Call> calls = callsOf(time);
        for (int i = 1; i < QUIET_TIMES && calls.stream().anyMatch(ScaleE2E::saysSomething); i++) {
            until("all resources", ALL, () -> images.ready() == IMAGES);
            calls = callsOf(time);
        }
        return calls;
    }

    private static List<AuditLog.Call> callsOf(Runnable time) {
        long mark = api.audit().mark();
        time.run();
        return api.audit().since(mark);
    }

    private static boolean saysSomething(AuditLog.Call call) {
        return call.isWrite() && !call.isOfTheLease() && !call.resource().startsWith("self");
    }

    @Test
    @Order(2)
    void idleMinute_writesNothing_andReadsLittle() {
        List<AuditLog.Call> calls = quietly(() -> pause(Duration.ofMinutes(1)));
        say("an idle minute: %s".formatted(counted(calls)));
        assertThat(calls).filteredOn(ScaleE2E::saysSomething).isEmpty();
        assertThat(calls).filteredOn(AuditLog.Call::isOfTheLease).hasSizeLessThan(60);
        assertThat(calls).filteredOn(call -> !call.isOfTheLease()).hasSizeLessThan(60);
    }

    @Test
    @Order(3)
    void movedTag_writesItsStatusAndOneFile() {
        int number = IMAGES / 2;
        String image = ManyImages.source(number) + ":latest";
        JOBS.forgetAsked();
        JOBS.move(image);
        long mark = api.audit().mark();
        images.lookNow(number);
        until("the new digest on the node", SOON, () -> images.status(number)
                .filter(status -> ManyImages.isReady(status)
                        && status.tags().stream()
                                .anyMatch(tag -> JOBS.digest(image).equals(tag.servedDigest())
                                        && Objects.equals(tag.nodesReady(), 1)))
                .isPresent());
        assertThat(table.digests()).containsEntry(image, JOBS.digest(image));
        List<AuditLog.Call> calls = api.audit().since(mark);
        say("one moved tag: %s".formatted(counted(calls)));
        assertThat(count(calls, call -> call.resource().equals("configmaps"))).isEqualTo(1);
        assertThat(count(calls, call -> call.resource().equals("mirroredimages/status")))
                .isLessThanOrEqualTo(3);
        assertThat(count(calls, call -> !call.isOfTheLease())).isLessThanOrEqualTo(8);
        assertThat(calls)
                .filteredOn(call -> call.resource().equals("mirroredimages/status"))
                .extracting(AuditLog.Call::name)
                .containsOnly(ManyImages.name(number));
        assertThat(JOBS.asked()).hasSize(TAGS);
    }

    @Test
    @Order(4)
    void restart_writesNothing_andAsksNoUpstream() throws IOException {
        JOBS.forgetAsked();
        List<AuditLog.Call> calls = quietly(ScaleE2E::restart);
        say("at most %d MiB: %s".formatted(operator.mostResidentMebibytes(), counted(calls)));
        assertThat(calls).filteredOn(ScaleE2E::saysSomething).isEmpty();
        assertThat(JOBS.asked()).isEmpty();
        assertThat(operator.mostResidentMebibytes()).isLessThanOrEqualTo(MOST_MEBIBYTES);
    }

    private static void restart() {
        operator.close();
        long begin = System.nanoTime();
        startOperator();
        until("a reconcile of each", ALL, () -> reconciled() >= IMAGES);
        say("all looked at %.0f s after a restart".formatted((System.nanoTime() - begin) / 1e9));
        pause(Duration.ofSeconds(5));
    }

    @Test
    @Order(5)
    void missedLooks_areMadeUpForOnce_oneAfterTheOther() throws IOException {
        operator.close();
        images.makeDue(0, MISSED);
        JOBS.forgetAsked();
        long begin = System.nanoTime();
        startOperator();
        until("the looks", ALL, () -> JOBS.asked().size() >= MISSED * TAGS);
        until("their statuses", SOON, () -> images.statuses().values().stream().noneMatch(ScaleE2E::isOverdue));
        say("%d missed looks made up for in %.0f s, at most %d HEADs in 5 s, %d MiB"
                .formatted(
                        MISSED,
                        (System.nanoTime() - begin) / 1e9,
                        JOBS.mostWithin(Duration.ofSeconds(5)),
                        operator.mostResidentMebibytes()));
        // Twice what begins in that time: on a busy machine those whose turn has come begin in bunches.
        assertThat(JOBS.mostWithin(Duration.ofSeconds(5))).isLessThanOrEqualTo((50 + 5 * LOOKS_A_SECOND) * TAGS * 2);
        assertThat(operator.mostResidentMebibytes()).isLessThanOrEqualTo(MOST_MEBIBYTES);
        pause(Duration.ofSeconds(3));
        assertThat(JOBS.asked()).hasSize(MISSED * TAGS).doesNotHaveDuplicates();
    }

    private static boolean isOverdue(MirroredImageStatus status) {
        return Instant.parse(Objects.requireNonNull(status.nextCheck())).isBefore(Instant.now());
    }

    @Test
    @Order(6)
    void deletionOfAll_leavesNoTable() {
        long mark = api.audit().mark();
        long begin = System.nanoTime();
        images.delete(0, IMAGES);
        until("the end of the table", ALL, () -> table.files().isEmpty());
        double took = (System.nanoTime() - begin) / 1e9;
        until("the end of their metrics", SOON, () -> !operator.text("/q/metrics")
                .contains("name=\"app-"));
        List<AuditLog.Call> calls = api.audit().since(mark);
        say("all deleted in %.0f s: %s".formatted(took, counted(calls)));
        assertThat(images.statuses()).isEmpty();
        assertThat(count(calls, call -> call.resource().equals("configmaps")))
                .isLessThanOrEqualTo(mostFileWrites(took));
        assertThat(count(calls, call -> !call.isOfTheLease())).isLessThanOrEqualTo(mostFileWrites(took) + 50);
        assertThat(operator.log()).doesNotContain("Exception in thread").doesNotContain("forbidden");
    }

    private static long reconciled() {
        Matcher found = RECONCILED.matcher(operator.text("/q/metrics"));
        return found.find() ? (long) Double.parseDouble(found.group(1)) : 0;
    }

    /** Writes only. */
    private static long count(List<AuditLog.Call> calls, Predicate<AuditLog.Call> such) {
        return calls.stream().filter(AuditLog.Call::isWrite).filter(such).count();
    }

    private static Map<String, Long> counted(List<AuditLog.Call> calls) {
        return calls.stream()
                .collect(Collectors.groupingBy(
                        call -> call.verb() + " " + call.resource(), TreeMap::new, Collectors.counting()));
    }

    private static void say(String what) {
        System.out.println(IMAGES + " MirroredImages: " + what);
    }

    private static void until(String what, Duration limit, BooleanSupplier reached) {
        Await.until(
                what,
                limit,
                reached,
                () -> images.ready() + " are ready. The operator's log ends with:\n"
                        + operator.log()
                                .lines()
                                .skip(Math.max(0, operator.log().lines().count() - 60))
                                .collect(Collectors.joining("\n")));
    }

    /** Lets time pass in which something must not happen. */
    private static void pause(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        Await.until("the time", time.plusSeconds(5), () -> System.nanoTime() > end);
    }
}
