package dev.larder.crds.v1alpha1;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/**
 * Chosen tags of one repository, the same on every node, that change when their owner wants it and can go back.
 *
 * <p>Cluster-scoped: what it changes, it changes for every pod. A mutable class for the Kubernetes client's sake.
 */
@Group(RegistryCache.GROUP)
@Version(RegistryCache.VERSION)
@Kind(MirroredImage.KIND)
@Plural("mirroredimages")
@ShortNames("mimg")
@Categories("larder")
@AdditionalPrinterColumn(name = "Source", jsonPath = ".spec.source", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Ready",
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].status",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(name = "Serving", jsonPath = ".status.serving", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(name = "Since", jsonPath = ".status.since", type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(name = "Waiting", jsonPath = ".status.waiting", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(name = "Nodes", jsonPath = ".status.nodes", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(name = "Checked", jsonPath = ".status.lastCheck", type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(
        name = "Message",
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].message",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1)
public final class MirroredImage extends CustomResource<MirroredImageSpec, MirroredImageStatus> {

    public static final String KIND = "MirroredImage";

    /** Any new value looks at the upstream now. */
    public static final String CHECK_NOW = "larder.dev/check-now";
    /** {@code TAG}, {@code TAG=sha256:…} or {@code *}: a digest that was found is served from now on. */
    public static final String PROMOTE = "larder.dev/promote";
    /** {@code TAG=previous} or {@code TAG=sha256:…}: an earlier digest is served again. */
    public static final String ROLLBACK_TO = "larder.dev/rollback-to";

    private static final long serialVersionUID = 1;

    @Override
    @Required
    public MirroredImageSpec getSpec() {
        return super.getSpec();
    }
}
