package dev.larder.e2e.cluster;

import dev.larder.e2e.process.Await;
import io.fabric8.kubernetes.api.model.APIResource;
import io.fabric8.kubernetes.api.model.APIResourceList;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Kinds that have just been defined. */
public final class Kinds {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private Kinds() {}

    /**
     * Waits until the API server serves these, by what a client itself looks up: that can come some moments after the
     * definition's word that it is established.
     *
     * @param plurals such as {@code registrycaches}
     */
    public static void awaitServed(KubernetesClient client, String groupVersion, String... plurals) {
        Await.until("the kinds " + List.of(plurals) + " of " + groupVersion, LIMIT, () -> served(client, groupVersion)
                .containsAll(List.of(plurals)));
    }

    private static List<String> served(KubernetesClient client, String groupVersion) {
        return Optional.ofNullable(client.getApiResources(groupVersion))
                .map(APIResourceList::getResources)
                .orElse(List.of())
                .stream()
                .map(APIResource::getName)
                .toList();
    }
}
