package dev.larder.e2e.operator;

import dev.larder.crds.v1alpha1.Condition;
import dev.larder.crds.v1alpha1.MirroredImage;
import dev.larder.crds.v1alpha1.MirroredImageSpec;
import dev.larder.crds.v1alpha1.MirroredImageStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Thousands of MirroredImages, each of a repository of its own, and what their statuses say. */
final class ManyImages implements AutoCloseable {

    static final List<String> TAGS = List.of("stable", "latest");

    private static final int AT_ONCE = 8;

    private final KubernetesClient client;
    private final String schedule;
    private final Map<String, MirroredImageStatus> statuses = new ConcurrentHashMap<>();
    private final SharedIndexInformer<MirroredImage> informer;

    ManyImages(KubernetesClient client) {
        this.client = client;
        // Nothing is due by itself while a test runs.
        schedule = "0 " + ZonedDateTime.now(ZoneOffset.UTC).plusHours(12).getHour() + " * * *";
        informer = client.resources(MirroredImage.class).inform(new ResourceEventHandler<>() {
            @Override
            public void onAdd(MirroredImage image) {
                seen(image);
            }

            @Override
            public void onUpdate(MirroredImage before, MirroredImage image) {
                seen(image);
            }

            @Override
            public void onDelete(MirroredImage image, boolean unknown) {
                statuses.remove(image.getMetadata().getName());
            }
        });
    }

    private void seen(MirroredImage image) {
        MirroredImageStatus status = image.getStatus();
        statuses.put(image.getMetadata().getName(), status == null ? MirroredImageStatus.NONE : status);
    }

    static String name(int number) {
        return String.format("app-%05d", number);
    }

    static String source(int number) {
        return "docker.io/scale/" + name(number);
    }

    /** The references that so many resources are about. */
    static Stream<String> references(int images) {
        return IntStream.range(0, images).boxed().flatMap(number -> TAGS.stream()
                .map(tag -> source(number) + ":" + tag));
    }

    void create(int from, int to) {
        each(from, to, number -> {
            MirroredImage image = new MirroredImage();
            image.getMetadata().setName(name(number));
            image.setSpec(Serialization.unmarshal(
                    "source: " + source(number) + "\ntags: {include: [" + String.join(", ", TAGS)
                            + "]}\nschedule: {cron: \"" + schedule + "\"}\n",
                    MirroredImageSpec.class));
            return client.resource(image).create();
        });
    }

    /** As if it had been due meanwhile. */
    void makeDue(int from, int to) {
        each(
                from,
                to,
                number -> client.resources(MirroredImage.class)
                        .withName(name(number))
                        .subresource("status")
                        .patch(
                                PatchContext.of(PatchType.JSON_MERGE),
                                "{\"status\":{\"lastCheck\":\"2026-01-01T00:00:00Z\",\"nextCheck\":\"2026-01-02T00:00:00Z\"}}"));
    }

    void lookNow(int number) {
        client.resources(MirroredImage.class)
                .withName(name(number))
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\":{\"annotations\":{\"" + MirroredImage.CHECK_NOW + "\":\"" + System.nanoTime()
                                + "\"}}}");
    }

    void delete(int from, int to) {
        each(from, to, number -> client.resources(MirroredImage.class)
                .withName(name(number))
                .delete());
    }

    private static void each(int from, int to, IntFunction<?> call) {
        try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
            List<Callable<Object>> calls = new ArrayList<>();
            IntStream.range(from, to).forEach(number -> calls.add(() -> call.apply(number)));
            for (Future<Object> done : threads.invokeAll(calls)) {
                done.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("the API server refused: " + e.getCause(), e);
        }
    }

    Map<String, MirroredImageStatus> statuses() {
        return statuses;
    }

    Optional<MirroredImageStatus> status(int number) {
        return Optional.ofNullable(statuses.get(name(number)));
    }

    long ready() {
        return statuses.values().stream().filter(ManyImages::isReady).count();
    }

    static boolean isReady(@Nullable MirroredImageStatus status) {
        return status != null
                && status.conditions().stream()
                        .anyMatch(condition ->
                                condition.type().equals("Ready") && condition.status() == Condition.Status.True);
    }

    @Override
    public void close() {
        informer.close();
    }
}
