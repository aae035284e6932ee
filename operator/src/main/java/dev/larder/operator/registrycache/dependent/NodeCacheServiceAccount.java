package dev.larder.operator.registrycache.dependent;

import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.operator.registrycache.desired.Names;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Constants;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.CRUDKubernetesDependentResource;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.KubernetesDependent;

/** The ServiceAccount of a RegistryCache's node caches. */
@KubernetesDependent(
        informer = @Informer(namespaces = Constants.WATCH_CURRENT_NAMESPACE, labelSelector = Names.SELECTOR))
public class NodeCacheServiceAccount extends CRUDKubernetesDependentResource<ServiceAccount, RegistryCache> {

    public NodeCacheServiceAccount() {
        super(ServiceAccount.class);
    }

    @Override
    protected ServiceAccount desired(RegistryCache primary, Context<RegistryCache> context) {
        return DesiredState.of(context).serviceAccount();
    }
}
