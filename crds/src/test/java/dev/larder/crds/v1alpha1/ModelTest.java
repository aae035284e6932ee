package dev.larder.crds.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** That the records and the schema say the same, and what every field owes its reader. */
class ModelTest {

    private static final int LONGEST_FILE = 250;

    private final KubernetesSerialization serialization = new KubernetesSerialization();
    private final JSONSchemaProps root = schema(CrdYaml.Kind.REGISTRY_CACHE);

    private JSONSchemaProps schema(CrdYaml.Kind kind) {
        return serialization
                .unmarshal(CrdYaml.generate(kind), CustomResourceDefinition.class)
                .getSpec()
                .getVersions()
                .getFirst()
                .getSchema()
                .getOpenAPIV3Schema();
    }

    @Test
    void emptyJson_isTheDefault() {
        assertThat(serialization.unmarshal("{}", RegistryCacheSpec.class)).isEqualTo(RegistryCacheSpec.DEFAULT);
        assertThat(serialization.unmarshal("{\"storage\":null,\"registries\":null}", RegistryCacheSpec.class))
                .isEqualTo(RegistryCacheSpec.DEFAULT);
        assertThat(new RegistryCache().effectiveSpec()).isEqualTo(RegistryCacheSpec.DEFAULT);
        assertThat(serialization.unmarshal("{}", RegistryCacheStatus.class)).isEqualTo(RegistryCacheStatus.NONE);
    }

    @Test
    void schemaDefaults_areThoseOfTheRecords() {
        RegistryCacheSpec defaulted =
                serialization.convertValue(defaults(CrdYaml.at(root, "spec")), RegistryCacheSpec.class);
        assertThat(defaulted).isEqualTo(RegistryCacheSpec.DEFAULT);
        JSONSchemaProps registry = items("registries");
        assertThat(CrdYaml.at(registry, "access").getDefault().asText())
                .isEqualTo(RegistrySpec.of("x").access().name());
        assertThat(serialization.convertValue(defaults(CrdYaml.at(registry, "rateBudget")), RateBudgetSpec.class))
                .isEqualTo(RegistrySpec.of("x").rateBudget());
        JSONSchemaProps rule = CrdYaml.at(registry, "tags").getItems().getSchema();
        assertThat(serialization.convertValue(defaults(rule), TagRuleSpec.class))
                .isEqualTo(serialization.unmarshal("{}", TagRuleSpec.class));
    }

    @Test
    void spec_survivesTheWayThroughJson() {
        RegistryCacheSpec spec = serialization.unmarshal("""
                registries:
                - host: docker.io
                  access: Shared
                  upstreams:
                  - {url: "https://a", pathPrefix: p, credentialsSecretRef: {name: s}, caBundleRef: {name: c}, insecureSkipVerify: true,
                     timeouts: {connect: 1s, firstByte: 15s, idle: 2m}}
                  - {url: "https://b", cloudIdentity: {provider: ECR, region: eu-central-1, keysSecretRef: {name: k}}}
                  - {url: "https://c", cloudIdentity: {provider: ACR, tenant: contoso.example}}
                  repositories: {allow: ["library/*"]}
                  tags: [{pattern: "v*", freshFor: 0s, onDeletedUpstream: Serve}]
                  rateBudget: {reserve: 50%}
                proxy: {noProxy: ".x,10.0.0.0/8", secretRef: {name: p}}
                nodes:
                  selector: {matchLabels: {a: b}, matchExpressions: [{key: k, operator: Exists}]}
                  tolerations: [{key: t, effect: NoExecute}]
                containerd: {manage: false}
                resources: {limits: {memory: 1Gi}}
                """, RegistryCacheSpec.class);
        assertThat(serialization.unmarshal(serialization.asJson(spec), RegistryCacheSpec.class))
                .isEqualTo(spec);
    }

    @Test
    void mirroredImage_hasItsDefaults_inTheSchemaAndInTheRecords() {
        MirroredImageSpec little = serialization.unmarshal(
                "source: docker.io/library/nginx\ntags: {include: [\"1.27\"]}", MirroredImageSpec.class);
        JSONSchemaProps spec = CrdYaml.at(schema(CrdYaml.Kind.MIRRORED_IMAGE), "spec");
        for (String part : List.of("schedule", "promotion", "history")) {
            assertThat(CrdYaml.at(spec, part).getDefault()).as(part).isEqualTo(new ObjectMapper().createObjectNode());
        }
        assertThat(serialization.convertValue(defaults(CrdYaml.at(spec, "schedule")), ScheduleSpec.class))
                .isEqualTo(little.schedule());
        assertThat(serialization.convertValue(defaults(CrdYaml.at(spec, "promotion")), PromotionSpec.class))
                .isEqualTo(little.promotion());
        assertThat(serialization.convertValue(defaults(CrdYaml.at(spec, "history")), HistorySpec.class))
                .isEqualTo(little.history());
        assertThat(serialization.unmarshal(serialization.asJson(little), MirroredImageSpec.class))
                .isEqualTo(little);
        assertThat(serialization.unmarshal("{}", MirroredImageStatus.class)).isEqualTo(MirroredImageStatus.NONE);
    }

    @Test
    void everyField_isDescribed_andEveryListBounded() {
        walk("", root);
        walk("", schema(CrdYaml.Kind.MIRRORED_IMAGE));
    }

    @Test
    void files_areShort() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src"))) {
            List<Path> sources =
                    files.filter(file -> file.toString().endsWith(".java")).toList();
            assertThat(sources).isNotEmpty().allSatisfy(file -> assertThat(Files.readAllLines(file))
                    .hasSizeLessThanOrEqualTo(LONGEST_FILE));
        }
    }

    private JSONSchemaProps items(String list) {
        return CrdYaml.at(root, "spec." + list).getItems().getSchema();
    }

    /** The defaults that an API server fills into an empty object. */
    private static JsonNode defaults(JSONSchemaProps schema) {
        ObjectNode filled = new ObjectMapper().createObjectNode();
        schema.getProperties().forEach((name, property) -> {
            if (property.getDefault() != null) {
                filled.set(name, property.getProperties().isEmpty() ? property.getDefault() : defaults(property));
            }
        });
        return filled;
    }

    private static void walk(String path, JSONSchemaProps schema) {
        for (Map.Entry<String, JSONSchemaProps> entry : schema.getProperties().entrySet()) {
            String field = path + "." + entry.getKey();
            JSONSchemaProps property = entry.getValue();
            assertThat(property.getDescription()).as(field).isNotBlank();
            if ("array".equals(property.getType())) {
                assertThat(property.getMaxItems()).as("bound of " + field).isNotNull();
                walk(field + "[]", property.getItems().getSchema());
            }
            if (!property.getXKubernetesValidations().isEmpty() && "string".equals(property.getType())) {
                assertThat(property.getMaxLength()).as("bound of " + field).isNotNull();
            }
            assertThat(property.getXKubernetesValidations())
                    .as("rules of " + field)
                    .doesNotHaveDuplicates()
                    .allSatisfy(rule -> assertThat(rule.getMessage()).isNotBlank());
            walk(field, property);
        }
    }
}
