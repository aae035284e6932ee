package dev.larder.operator.registrycache;

import dev.larder.operator.nodes.NodeAnswer;
import dev.larder.operator.nodes.ObservedNode;
import dev.larder.operator.registrycache.desired.Names;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Makes the kubelets bring a changed ConfigMap or Secret to their pods at once: a changed annotation makes them look at a
 * pod's volumes, which else happens once a minute.
 */
final class PodRefresh {

    /** In one reconcile; the others follow in the next ones, or by themselves within a minute. */
    private static final int AT_ONCE = 100;

    private final KubernetesClient client;

    PodRefresh(KubernetesClient client) {
        this.client = client;
    }

    /**
     * @param config the revision of the configuration; who has loaded it need not be told
     * @param mounts that of the Secrets and ConfigMaps that upstreams name; empty when there are none
     * @param certificate when the certificate was made that the node caches are to answer with
     */
    void refresh(List<ObservedNode> nodes, String config, String mounts, Instant certificate) {
        nodes.stream()
                .map(node -> Map.entry(node, news(node, config, mounts, certificate)))
                .filter(entry -> !entry.getValue().isEmpty())
                .limit(AT_ONCE)
                .forEach(entry -> tell(entry.getKey(), entry.getValue()));
    }

    private static Map<String, String> news(ObservedNode node, String config, String mounts, Instant certificate) {
        Map<String, String> news = new TreeMap<>();
        if (!hasLoaded(node, config) && !wasTold(node, Names.CONFIG_REVISION, config)) {
            news.put(Names.CONFIG_REVISION, config);
        }
        if (!mounts.isEmpty() && !wasTold(node, Names.MOUNTS_REVISION, mounts)) {
            news.put(Names.MOUNTS_REVISION, mounts);
        }
        if (lacks(node, certificate) && !wasTold(node, Names.CERTIFICATE_REVISION, certificate.toString())) {
            news.put(Names.CERTIFICATE_REVISION, certificate.toString());
        }
        return news;
    }

    /** It does not answer, and when its pod came there was another certificate or none; later ones came with this. */
    private static boolean lacks(ObservedNode node, Instant certificate) {
        String created = node.pod().getMetadata().getCreationTimestamp();
        return node.answer() instanceof NodeAnswer.Silent
                && created != null
                && Instant.parse(created).isBefore(certificate);
    }

    private static boolean hasLoaded(ObservedNode node, String revision) {
        return node.answer() instanceof NodeAnswer.Said said
                && said.report().config().revision().equals(revision);
    }

    private static boolean wasTold(ObservedNode node, String annotation, String revision) {
        Map<String, String> annotations = node.pod().getMetadata().getAnnotations();
        return annotations != null && revision.equals(annotations.get(annotation));
    }

    private void tell(ObservedNode node, Map<String, String> news) {
        var metadata = node.pod().getMetadata();
        String annotations = news.entrySet().stream()
                .map(entry -> "\"" + entry.getKey() + "\":\"" + entry.getValue() + "\"")
                .collect(Collectors.joining(","));
        try {
            client.pods()
                    .inNamespace(metadata.getNamespace())
                    .withName(metadata.getName())
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            "{\"metadata\":{\"annotations\":{" + annotations + "}}}");
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) { // a pod may go at any time
                throw e;
            }
        }
    }
}
