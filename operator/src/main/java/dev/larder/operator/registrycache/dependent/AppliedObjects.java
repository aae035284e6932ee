package dev.larder.operator.registrycache.dependent;

import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.operator.registrycache.desired.DesiredObjects;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.util.List;

/**
 * All objects of a RegistryCache, in the order they are applied. Used by hand: the SDK's managed workflows do not go with
 * reconciling on all events, which the finalizer that is only sometimes there needs.
 */
public final class AppliedObjects {

    private final List<AppliedObject<?>> objects = List.of(
            new AppliedObject<>(ServiceAccount.class, DesiredObjects::serviceAccount),
            new AppliedObject<>(ConfigMap.class, DesiredObjects::configMap),
            new AppliedObject<>(Service.class, DesiredObjects::service),
            new AppliedObject<>(DaemonSet.class, DesiredObjects::daemonSet));

    /** Watches that bring back what others change or delete. */
    public List<EventSource<?, RegistryCache>> eventSources(EventSourceContext<RegistryCache> context) {
        return objects.stream()
                .<EventSource<?, RegistryCache>>map(
                        object -> object.eventSource(context).orElseThrow())
                .toList();
    }

    /** Applies what differs from what is there; throws when the API server refuses it. */
    public void apply(DesiredObjects desired, RegistryCache owner, Context<RegistryCache> context) {
        context.managedWorkflowAndDependentResourceContext().put(AppliedObject.DESIRED, desired);
        objects.forEach(object -> object.reconcile(owner, context));
    }
}
