package dev.larder.operator.registrycache;

import dev.larder.operator.nodes.NodeAnswer;
import dev.larder.operator.nodes.ObservedNode;
import dev.larder.operator.registrycache.desired.Names;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Map;

/**
 * Makes the kubelets bring a changed ConfigMap to their pods at once: a changed annotation makes them look at a pod's
 * volumes, which else happens once a minute.
 */
final class PodRefresh {

    /** In one reconcile; the others follow in the next ones, or by themselves within a minute. */
    private static final int AT_ONCE = 100;

    private final KubernetesClient client;

    PodRefresh(KubernetesClient client) {
        this.client = client;
    }

    void refresh(List<ObservedNode> nodes, String revision) {
        nodes.stream()
                .filter(node -> !hasLoaded(node, revision) && !wasTold(node, revision))
                .limit(AT_ONCE)
                .forEach(node -> tell(node, revision));
    }

    private static boolean hasLoaded(ObservedNode node, String revision) {
        return node.answer() instanceof NodeAnswer.Said said
                && said.report().config().revision().equals(revision);
    }

    private static boolean wasTold(ObservedNode node, String revision) {
        Map<String, String> annotations = node.pod().getMetadata().getAnnotations();
        return annotations != null && revision.equals(annotations.get(Names.CONFIG_REVISION));
    }

    private void tell(ObservedNode node, String revision) {
        var metadata = node.pod().getMetadata();
        try {
            client.pods()
                    .inNamespace(metadata.getNamespace())
                    .withName(metadata.getName())
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            "{\"metadata\":{\"annotations\":{\"" + Names.CONFIG_REVISION + "\":\"" + revision
                                    + "\"}}}");
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) { // a pod may go at any time
                throw e;
            }
        }
    }
}
