package dev.larder.operator.registrycache;

import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.operator.registrycache.desired.CachePlan;
import dev.larder.operator.registrycache.desired.Settings;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.util.List;

/** Gathers what an {@link Intent} is made from: the other RegistryCaches, the nodes, the Secrets and ConfigMaps named. */
final class Intents {

    private Intents() {}

    static Intent of(RegistryCache cache, Settings settings, Context<RegistryCache> context) {
        KubernetesClient client = context.getClient();
        String namespace = settings.namespace();
        Conflicts conflicts = Conflicts.of(cache, Watches.caches(context), Watches.nodes(context));
        References references = References.of(
                CachePlan.claimed(cache.effectiveSpec()),
                cache.effectiveSpec().proxy().secretRef(),
                namespace,
                name -> client.secrets().inNamespace(namespace).withName(name).get(),
                name -> client.configMaps()
                        .inNamespace(namespace)
                        .withName(name)
                        .get());
        List<Problem> certificate = ListenerCertificate.problems(
                cache.effectiveSpec().containerd().tlsSecretRef(),
                namespace,
                name -> client.secrets().inNamespace(namespace).withName(name).get());
        return Intent.of(cache, certificate, conflicts, references, settings);
    }
}
