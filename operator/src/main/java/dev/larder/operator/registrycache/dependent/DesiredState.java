package dev.larder.operator.registrycache.dependent;

import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.operator.registrycache.desired.DesiredObjects;
import io.javaoperatorsdk.operator.api.reconciler.Context;

/** Passes one reconcile's desired objects to the dependents, and has them applied. */
public final class DesiredState {

    private static final String KEY = "desired";

    private DesiredState() {}

    /** Applies what differs from what is there; throws when the API server refuses some of it. */
    public static void apply(DesiredObjects desired, Context<RegistryCache> context) {
        var workflow = context.managedWorkflowAndDependentResourceContext();
        workflow.put(KEY, desired);
        workflow.reconcileManagedWorkflow();
    }

    static DesiredObjects of(Context<RegistryCache> context) {
        return context.managedWorkflowAndDependentResourceContext().getMandatory(KEY, DesiredObjects.class);
    }
}
