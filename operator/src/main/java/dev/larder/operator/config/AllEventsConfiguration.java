package dev.larder.operator.config;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import io.javaoperatorsdk.operator.api.config.informer.InformerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.quarkiverse.operatorsdk.runtime.QuarkusConfigurationService;
import io.quarkiverse.operatorsdk.runtime.QuarkusControllerConfiguration;
import java.time.Duration;

/**
 * A controller's configuration, but for one thing: the extension drops the annotation's triggerReconcilerOnAllEvents in the
 * version used, and a resource that is being deleted would never be reconciled. And the informer may keep its resources in a
 * store of ours.
 */
final class AllEventsConfiguration<P extends HasMetadata> extends QuarkusControllerConfiguration<P> {

    private static final Duration FALLBACK_INTERVAL = Duration.ofMinutes(5);

    /** The answer to one request for a list is held whole before any of it is trimmed. */
    private static final long PAGE = 200;

    private AllEventsConfiguration(QuarkusControllerConfiguration<P> original, InformerConfiguration<P> informer) {
        super(
                informer,
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
        QuarkusControllerConfiguration<P> original = service.getConfigurationFor(reconciler);
        return of(original, original.getInformerConfig(), service);
    }

    /** With the resources in this store, read page by page. */
    static <P extends HasMetadata> AllEventsConfiguration<P> of(
            Reconciler<P> reconciler, QuarkusConfigurationService service, ItemStore<P> store) {
        QuarkusControllerConfiguration<P> original = service.getConfigurationFor(reconciler);
        InformerConfiguration<P> informer = InformerConfiguration.builder(original.getInformerConfig())
                .withItemStore(store)
                .withInformerListLimit(PAGE)
                .buildForController();
        return of(original, informer, service);
    }

    private static <P extends HasMetadata> AllEventsConfiguration<P> of(
            QuarkusControllerConfiguration<P> original,
            InformerConfiguration<P> informer,
            QuarkusConfigurationService service) {
        AllEventsConfiguration<P> configuration = new AllEventsConfiguration<>(original, informer);
        configuration.setParent(service);
        return configuration;
    }

    @Override
    public boolean triggerReconcilerOnAllEvents() {
        return true;
    }
}
