package dev.larder.e2e.monitoring;

import dev.larder.e2e.cluster.NativeCluster;
import dev.larder.e2e.install.Larder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The configuration of a Prometheus that runs beside the cluster instead of in it: scrape.yaml, and the way to the API server
 * with a token of the ServiceAccount that rbac.yaml speaks of; or, without discovery, what it would have been told there.
 */
final class PrometheusSettings {
    private static final String NAMESPACE = "monitoring";
    private static final String ACCOUNT = "prometheus";
    private static final long TOKEN_SECONDS = Duration.ofDays(7).toSeconds();

    private final KubernetesSerialization yaml = new KubernetesSerialization();
    private final KubernetesClient client;
    private final Path folder;

    private PrometheusSettings(NativeCluster cluster, Path folder) {
        this.client = cluster.client();
        this.folder = folder;
    }

    /** Writes the configuration into the folder and returns its file. */
    static Path write(NativeCluster cluster, Path folder, String rules, Duration interval, boolean discovery) {
        try {
            Files.createDirectories(folder);
            return new PrometheusSettings(cluster, folder).write(rules, interval, discovery);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path write(String rules, Duration interval, boolean discovery) throws IOException {
        Path rulesFile = Files.writeString(folder.resolve("larder-rules.yaml"), rules);
        Map<String, Object> settings =
                new LinkedHashMap<>(mapping(yaml.unmarshal(PrometheusFiles.read(PrometheusFiles.scrape()), Map.class)));
        String often = interval.toMillis() + "ms";
        settings.put("global", Map.of("scrape_interval", often, "scrape_timeout", often, "evaluation_interval", often));
        settings.put("rule_files", List.of(rulesFile.toString()));
        Map<String, Object> way = discovery ? wayToTheApiServer() : Map.of();
        for (Object job : list(settings, "scrape_configs")) {
            if (discovery) {
                list(mapping(job), "kubernetes_sd_configs")
                        .forEach(each -> mapping(each).putAll(way));
            } else {
                mapping(job).remove("kubernetes_sd_configs");
                mapping(job).put("static_configs", KnownPods.in(Larder.NAMESPACE, client));
            }
        }
        return Files.writeString(folder.resolve("prometheus.yml"), yaml.asYaml(settings));
    }

    private Map<String, Object> wayToTheApiServer() throws IOException {
        Path token = Files.writeString(folder.resolve("token"), token());
        Path authority = Files.write(
                folder.resolve("ca.crt"),
                Base64.getDecoder().decode(client.getConfiguration().getCaCertData()));
        return Map.of(
                "api_server",
                client.getMasterUrl().toString(),
                "authorization",
                Map.of("credentials_file", token.toString()),
                "tls_config",
                Map.of("ca_file", authority.toString()));
    }

    private static List<?> list(Map<String, Object> yaml, String key) {
        return (List<?>) Objects.requireNonNull(yaml.get(key), key);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> mapping(Object yaml) {
        return (Map<String, Object>) yaml;
    }

    private String token() {
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(NAMESPACE)
                        .endMetadata()
                        .build())
                .serverSideApply();
        client.resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withName(ACCOUNT)
                        .withNamespace(NAMESPACE)
                        .endMetadata()
                        .build())
                .serverSideApply();
        String rights = PrometheusFiles.read(PrometheusFiles.rights());
        client.load(new ByteArrayInputStream(rights.getBytes(StandardCharsets.UTF_8)))
                .serverSideApply();
        return client.serviceAccounts()
                .inNamespace(NAMESPACE)
                .withName(ACCOUNT)
                .tokenRequest(new TokenRequestBuilder()
                        .withNewSpec()
                        .withExpirationSeconds(TOKEN_SECONDS)
                        .endSpec()
                        .build())
                .getStatus()
                .getToken();
    }
}
