package dev.larder.operator.registrycache.dependent;

import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.operator.registrycache.desired.DesiredObjects;
import dev.larder.operator.registrycache.desired.Names;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.config.informer.InformerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Constants;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.CRUDKubernetesDependentResource;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.KubernetesDependentResourceConfigBuilder;
import java.util.Set;
import java.util.function.Function;

/** One kind of object that a RegistryCache has exactly one of; watched in the operator's namespace by label. */
final class AppliedObject<R extends HasMetadata> extends CRUDKubernetesDependentResource<R, RegistryCache> {

    /** Where one reconcile leaves its desired objects for this. */
    static final String DESIRED = "desired";

    private final Function<DesiredObjects, R> part;

    AppliedObject(Class<R> type, Function<DesiredObjects, R> part) {
        super(type, type.getSimpleName());
        this.part = part;
        configureWith(new KubernetesDependentResourceConfigBuilder<R>()
                .withKubernetesDependentInformerConfig(InformerConfiguration.builder(type)
                        .withNamespaces(Set.of(Constants.WATCH_CURRENT_NAMESPACE))
                        .withLabelSelector(Names.SELECTOR)
                        .build())
                .build());
    }

    @Override
    protected R desired(RegistryCache primary, Context<RegistryCache> context) {
        return part.apply(
                context.managedWorkflowAndDependentResourceContext().getMandatory(DESIRED, DesiredObjects.class));
    }
}
