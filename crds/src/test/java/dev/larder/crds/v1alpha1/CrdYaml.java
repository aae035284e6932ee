package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
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

/** Generates the CRD from the Java model, and adds what no annotation can say. */
final class CrdYaml {

    /** Lists that server-side apply merges by key, so that several owners can share them. */
    private static final Map<String, List<String>> LIST_KEYS = Map.of(
            "spec.registries", List.of("host"),
            "status.conditions", List.of("type"),
            "status.nodes.failing", List.of("node"),
            "status.registries", List.of("host"));

    /** Parts with nothing but defaults inside: an empty object lets the schema fill them in. */
    private static final List<String> DEFAULT_EMPTY = List.of("spec", "spec.storage", "spec.ports", "spec.containerd");

    /** As kubectl shows them; the generator sorts them by path. */
    private static final List<String> COLUMNS =
            List.of("Ready", "Reason", "Nodes", "Serving", "Configured", "Hit ratio", "Age", "Message");

    private CrdYaml() {}

    static String generate() {
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
                .customResourceClasses(RegistryCache.class)
                .generate();
        KubernetesSerialization yaml = new KubernetesSerialization();
        CustomResourceDefinition crd = yaml.unmarshal(
                new ByteArrayInputStream(files.values().iterator().next().toByteArray()),
                CustomResourceDefinition.class);
        JSONSchemaProps root =
                crd.getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();
        finish("", root);
        at(root, "spec").setDescription("What is asked for. {} caches seven public registries on every Linux node.");
        at(root, "status").setDescription("What has come of it, written by the operator.");
        root.setDescription("A caching registry proxy on every node, and containerd told to use it.");
        LIST_KEYS.forEach((path, keys) -> {
            JSONSchemaProps list = at(root, path);
            list.setXKubernetesListType("map");
            list.setXKubernetesListMapKeys(keys);
        });
        DEFAULT_EMPTY.forEach(path -> at(root, path).setDefault(JsonNodeFactory.instance.objectNode()));
        at(at(root, "status.conditions").getItems().getSchema(), "lastTransitionTime")
                .setFormat("date-time");
        crd.getSpec()
                .getVersions()
                .getFirst()
                .getAdditionalPrinterColumns()
                .sort(Comparator.comparing(column -> COLUMNS.indexOf(column.getName())));
        return "# Generated from crds/: do not edit. mvn test -pl crds -Dlarder.update-golden\n" + yaml.asYaml(crd);
    }

    /** The schema of a field, such as {@code spec.storage}. */
    static JSONSchemaProps at(JSONSchemaProps root, String path) {
        JSONSchemaProps schema = root;
        for (String part : path.split("\\.", -1)) {
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
