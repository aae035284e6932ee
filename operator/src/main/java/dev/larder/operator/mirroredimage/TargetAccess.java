package dev.larder.operator.mirroredimage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.larder.crds.v1alpha1.CaBundleRef;
import dev.larder.crds.v1alpha1.TargetRepositorySpec;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a node cache is to reach a target: its address, login and certificates, read anew for each use. */
final class TargetAccess {

    private static final String FIELD = "spec.to.repository.";
    private static final String DOCKER_CONFIG = ".dockerconfigjson";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final KubernetesClient client;
    private final String namespace;

    /** Something that the spec names cannot be used. */
    static final class Unusable extends Exception {
        private static final long serialVersionUID = 1L;

        Unusable(String field, String message) {
            super(FIELD + field + ": " + message);
        }
    }

    TargetAccess(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
    }

    /** As the node cache's README has it; it holds secrets. */
    ObjectNode of(TargetRepositorySpec spec) throws Unusable {
        ObjectNode target = JSON.createObjectNode().put("url", spec.url());
        spec.tokenServers().forEach(target.putArray("tokenServers")::add);
        if (spec.credentialsSecretRef() != null) {
            login(
                    target,
                    spec.credentialsSecretRef().name(),
                    URI.create(spec.url()).getAuthority());
        }
        if (spec.caBundleRef() != null) {
            target.put("certificates", certificates(spec.caBundleRef()));
        }
        return target;
    }

    private void login(ObjectNode target, String name, String host) throws Unusable {
        Secret secret = client.secrets().inNamespace(namespace).withName(name).get();
        if (secret == null) {
            throw new Unusable(
                    "credentialsSecretRef",
                    "there is no Secret " + name + " in namespace " + namespace
                            + ": create it, or remove the reference");
        }
        Map<String, String> data = secret.getData() == null ? Map.of() : secret.getData();
        if (data.containsKey(DOCKER_CONFIG)) {
            JsonNode entry = entry(name, text(data.get(DOCKER_CONFIG)), host);
            login(target, entry);
        } else if (data.containsKey("username") && data.containsKey("password")) {
            target.put("username", text(data.get("username")).strip());
            target.put("password", text(data.get("password")).strip());
        } else {
            throw new Unusable(
                    "credentialsSecretRef",
                    "Secret " + name + " has neither the key " + DOCKER_CONFIG
                            + " nor both username and password: add them");
        }
    }

    private static JsonNode entry(String name, String config, String host) throws Unusable {
        JsonNode auths;
        try {
            auths = JSON.readTree(config).path("auths");
        } catch (JsonProcessingException e) {
            throw new Unusable("credentialsSecretRef", DOCKER_CONFIG + " of Secret " + name + " is not JSON");
        }
        for (var entry : auths.properties()) {
            if (entry.getKey()
                    .replaceFirst("^https?://", "")
                    .replaceFirst("/.*$", "")
                    .equals(host)) {
                return entry.getValue();
            }
        }
        throw new Unusable(
                "credentialsSecretRef", "Secret " + name + " has no login for " + host + ": add one to auths");
    }

    private static void login(ObjectNode target, JsonNode entry) {
        String both = text(entry.path("auth").asText(""));
        int colon = both.indexOf(':');
        target.put("username", colon < 0 ? entry.path("username").asText("") : both.substring(0, colon));
        String token = entry.path("identitytoken").asText("");
        if (token.isEmpty()) {
            target.put("password", colon < 0 ? entry.path("password").asText("") : both.substring(colon + 1));
        } else {
            target.put("identityToken", token);
        }
    }

    private static String text(@Nullable String base64) {
        return base64 == null ? "" : new String(Base64.getMimeDecoder().decode(base64), StandardCharsets.UTF_8);
    }

    private String certificates(CaBundleRef ref) throws Unusable {
        ConfigMap bundle =
                client.configMaps().inNamespace(namespace).withName(ref.name()).get();
        return Optional.ofNullable(bundle)
                .map(ConfigMap::getData)
                .map(data -> data.get(ref.key()))
                .orElseThrow(() -> new Unusable(
                        "caBundleRef",
                        "there is no ConfigMap " + ref.name() + " with the key " + ref.key() + " in namespace "
                                + namespace + ": create it, or remove the reference"));
    }
}
