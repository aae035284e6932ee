package dev.larder.operator.registrycache.dependent;

import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.operator.registrycache.desired.Names;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Constants;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.CRUDKubernetesDependentResource;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.KubernetesDependent;

/** The DaemonSet of a RegistryCache's node caches. */
@KubernetesDependent(
        informer = @Informer(namespaces = Constants.WATCH_CURRENT_NAMESPACE, labelSelector = Names.SELECTOR))
public class NodeCacheDaemonSet extends CRUDKubernetesDependentResource<DaemonSet, RegistryCache> {

    public NodeCacheDaemonSet() {
        super(DaemonSet.class);
    }

    @Override
    protected DaemonSet desired(RegistryCache primary, Context<RegistryCache> context) {
        return DesiredState.of(context).daemonSet();
    }
}
