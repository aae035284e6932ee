package dev.larder.crds.v1alpha1;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/**
 * A caching registry proxy on every node, and containerd told to use it.
 *
 * <p>Cluster-scoped: what it changes, it changes for every pod of a node. The Kubernetes client wants a mutable class with
 * a default constructor here; everything below it is a record.
 */
@Group(RegistryCache.GROUP)
@Version(RegistryCache.VERSION)
@Kind(RegistryCache.KIND)
@Plural("registrycaches")
@ShortNames("rcache")
@Categories("larder")
@ValidationRule(
        value = "self.metadata.name.size() <= 52 && self.metadata.name.matches('^[a-z]([a-z0-9-]*[a-z0-9])?$')",
        message = "metadata.name names a Service and labels too: at most 52 of a-z, 0-9 and -, beginning with a letter")
@AdditionalPrinterColumn(
        name = "Ready",
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].status",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Reason",
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Nodes",
        jsonPath = ".status.nodes.desired",
        type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
        name = "Serving",
        jsonPath = ".status.nodes.ready",
        type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
        name = "Configured",
        jsonPath = ".status.nodes.configured",
        type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
        name = "Hit ratio",
        jsonPath = ".status.hitRatio1h",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(
        name = "Message",
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].message",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1)
public final class RegistryCache extends CustomResource<RegistryCacheSpec, RegistryCacheStatus> {

    public static final String GROUP = "larder.dev";
    public static final String VERSION = "v1alpha1";
    public static final String KIND = "RegistryCache";

    private static final long serialVersionUID = 1;

    /** What was asked for, with every default filled in, also when the object has no spec at all. */
    public RegistryCacheSpec effectiveSpec() {
        RegistryCacheSpec asked = getSpec();
        return asked == null ? RegistryCacheSpec.DEFAULT : asked;
    }
}
