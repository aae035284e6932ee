package dev.larder.operator.config;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.quarkiverse.operatorsdk.runtime.QuarkusConfigurationService;
import io.quarkiverse.operatorsdk.runtime.QuarkusControllerConfiguration;
import java.time.Duration;

/**
 * A controller's configuration, but for one thing: the extension drops the annotation's triggerReconcilerOnAllEvents in the
 * version used, and a resource that is being deleted would never be reconciled.
 */
final class AllEventsConfiguration<P extends HasMetadata> extends QuarkusControllerConfiguration<P> {

    private static final Duration FALLBACK_INTERVAL = Duration.ofMinutes(5);

    private AllEventsConfiguration(QuarkusControllerConfiguration<P> original) {
        super(
                original.getInformerConfig(),
                original.getName(),
                original.isGenerationAware(),
                original.getAssociatedReconcilerClassName(),
                original.getRetry(),
                original.getRateLimiter(),
                original.maxReconciliationInterval().orElse(FALLBACK_INTERVAL),
                original.getFinalizerName(),
                original.fieldManager(),
                original.getWorkflow(),
                original.getResourceTypeName(),
                original.getResourceClass());
    }

    static <P extends HasMetadata> AllEventsConfiguration<P> of(
            Reconciler<P> reconciler, QuarkusConfigurationService service) {
        AllEventsConfiguration<P> configuration = new AllEventsConfiguration<>(service.getConfigurationFor(reconciler));
        configuration.setParent(service);
        return configuration;
    }

    @Override
    public boolean triggerReconcilerOnAllEvents() {
        return true;
    }
}
