package dev.larder.e2e.operator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** The table of mirrored tags as a node has it whose kubelet brings each change at once. */
final class PlayedTable implements AutoCloseable {

    private static final String PREFIX = "larder-mirror-";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** By the files' names. */
    private final Map<String, String> files = new ConcurrentHashMap<>();

    private final SharedIndexInformer<ConfigMap> informer;

    PlayedTable(KubernetesClient client) {
        informer = client.configMaps().inNamespace(ApiServer.NAMESPACE).inform(new ResourceEventHandler<>() {
            @Override
            public void onAdd(ConfigMap map) {
                if (isTable(map)) {
                    files.putAll(map.getData());
                }
            }

            @Override
            public void onUpdate(ConfigMap before, ConfigMap map) {
                onAdd(map);
            }

            @Override
            public void onDelete(ConfigMap map, boolean unknown) {
                if (isTable(map)) {
                    files.keySet().removeAll(map.getData().keySet());
                }
            }
        });
    }

    private static boolean isTable(ConfigMap map) {
        return map.getMetadata().getName().startsWith(PREFIX);
    }

    /** As a node cache reports it. */
    String report() {
        Map<String, String> revisions = new TreeMap<>();
        files.forEach((name, text) ->
                revisions.put(name, text.replaceFirst("(?s)^\\{\"version\":1,\"revision\":\"([0-9a-f]+)\".*", "$1")));
        try {
            return JSON.writeValueAsString(Map.of("revisions", revisions, "problems", new String[0]));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("text can always be written", e);
        }
    }

    /** By their names. */
    Map<String, String> files() {
        return Map.copyOf(files);
    }

    /** What the nodes answer tags with: digests by references. */
    Map<String, String> digests() {
        Map<String, String> digests = new TreeMap<>();
        files.forEach((name, text) -> {
            for (JsonNode image : json(text).path("images")) {
                for (JsonNode tag : image.path("tags")) {
                    digests.put(
                            image.path("image").asText() + ":" + tag.path("tag").asText(),
                            tag.path("digest").asText());
                }
            }
        });
        return digests;
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("not a table: " + e.getOriginalMessage(), e);
        }
    }

    @Override
    public void close() {
        informer.close();
    }
}
