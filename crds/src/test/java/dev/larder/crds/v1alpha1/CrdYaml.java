package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Generates the CRDs from the Java model, and adds what no annotation can say. */
final class CrdYaml {

    /** What no annotation can say about one kind. */
    @SuppressWarnings("ImmutableEnumChecker") // made by Map.of and List.of
    enum Kind {
        REGISTRY_CACHE(
                RegistryCache.class,
                "registrycaches",
                Map.of(
                        "spec.registries", List.of("host"),
                        "status.conditions", List.of("type"),
                        "status.nodes.failing", List.of("node"),
                        "status.registries", List.of("host")),
                List.of("spec", "spec.storage", "spec.ports", "spec.containerd"),
                List.of("Ready", "Reason", "Nodes", "Serving", "Configured", "Hit ratio", "Age", "Message"),
                Map.of(
                        "", "A caching registry proxy on every node, and containerd told to use it.",
                        "spec", "What is asked for. {} caches seven public registries on every Linux node.",
                        "status", "What has come of it, written by the operator.")),
        MIRRORED_IMAGE(
                MirroredImage.class,
                "mirroredimages",
                Map.of(
                        "spec.pins", List.of("tag"),
                        "status.conditions", List.of("type"),
                        "status.tags", List.of("tag")),
                List.of("spec.schedule", "spec.promotion", "spec.history"),
                List.of("Source", "Ready", "Serving", "Since", "Waiting", "Nodes", "Checked", "Message"),
                Map.of(
                        "", "Chosen tags of one repository, on every node, that change when their owner wants it.",
                        "spec", "What is asked for.",
                        "status", "What has come of it, written by the operator."));

        final Class<? extends CustomResource<?, ?>> type;
        final String plural;
        /** Lists that server-side apply merges by key, so that several owners can share them. */
        final Map<String, List<String>> listKeys;
        /** Parts with nothing but defaults inside: an empty object lets the schema fill them in. */
        final List<String> defaultEmpty;
        /** As kubectl shows them; the generator sorts them by path. */
        final List<String> columns;

        final Map<String, String> descriptions;

        Kind(
                Class<? extends CustomResource<?, ?>> type,
                String plural,
                Map<String, List<String>> listKeys,
                List<String> defaultEmpty,
                List<String> columns,
                Map<String, String> descriptions) {
            this.type = type;
            this.plural = plural;
            this.listKeys = listKeys;
            this.defaultEmpty = defaultEmpty;
            this.columns = columns;
            this.descriptions = descriptions;
        }
    }

    private CrdYaml() {}

    static String generate(Kind kind) {
        Map<String, ByteArrayOutputStream> files = new LinkedHashMap<>();
        new CRDGenerator()
                .withOutput(new CRDGenerator.CRDOutput<OutputStream>() {
                    @Override
                    public OutputStream outputFor(String name) {
                        return files.computeIfAbsent(name, key -> new ByteArrayOutputStream());
                    }

                    @Override
                    public java.net.URI crdURI(String name) {
                        return java.net.URI.create("file:///" + name);
                    }

                    @Override
                    public void close() {}
                })
                .customResourceClasses(kind.type)
                .generate();
        KubernetesSerialization yaml = new KubernetesSerialization();
        CustomResourceDefinition crd = yaml.unmarshal(
                new ByteArrayInputStream(files.values().iterator().next().toByteArray()),
                CustomResourceDefinition.class);
        JSONSchemaProps root =
                crd.getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();
        finish("", root);
        kind.descriptions.forEach((path, text) -> at(root, path).setDescription(text));
        kind.listKeys.forEach((path, keys) -> {
            JSONSchemaProps list = at(root, path);
            list.setXKubernetesListType("map");
            list.setXKubernetesListMapKeys(keys);
        });
        kind.defaultEmpty.forEach(path -> at(root, path).setDefault(JsonNodeFactory.instance.objectNode()));
        at(at(root, "status.conditions").getItems().getSchema(), "lastTransitionTime")
                .setFormat("date-time");
        List<CustomResourceColumnDefinition> columns =
                crd.getSpec().getVersions().getFirst().getAdditionalPrinterColumns();
        columns.sort(Comparator.comparing(column -> kind.columns.indexOf(column.getName())));
        // The API server drops a 0, and Argo CD would see a difference for ever.
        columns.stream()
                .filter(column -> Objects.equals(column.getPriority(), 0))
                .forEach(column -> column.setPriority(null));
        return "# Generated from crds/: do not edit. mvn test -pl crds -Dlarder.update-golden\n" + yaml.asYaml(crd);
    }

    /** The schema of a field, such as {@code spec.storage}. */
    static JSONSchemaProps at(JSONSchemaProps root, String path) {
        JSONSchemaProps schema = root;
        for (String part : path.isEmpty() ? new String[0] : path.split("\\.", -1)) {
            schema = Objects.requireNonNull(schema.getProperties().get(part), () -> "no " + part + " of " + path);
        }
        return schema;
    }

    /** The generator reads a rule of a record component twice, from the field and from the accessor. */
    private static void finish(String path, JSONSchemaProps schema) {
        List<ValidationRule> rules = schema.getXKubernetesValidations();
        if (rules != null) {
            schema.setXKubernetesValidations(new ArrayList<>(new java.util.LinkedHashSet<>(rules)));
        }
        if (schema.getProperties() != null) {
            schema.getProperties().forEach((name, property) -> finish(path + "." + name, property));
        }
        if (schema.getItems() != null && schema.getItems().getSchema() != null) {
            finish(path + "[]", schema.getItems().getSchema());
        }
    }
}
