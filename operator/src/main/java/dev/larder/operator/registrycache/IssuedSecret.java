package dev.larder.operator.registrycache;

import com.fasterxml.jackson.databind.JsonNode;
import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.operator.cloud.CloudLogins.Held;
import dev.larder.operator.cloud.RegistryLogin;
import dev.larder.operator.cloud.SecretText;
import dev.larder.operator.registrycache.desired.Names;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A cloud login as a Secret: a docker config with the login under the host of each upstream. It says when it ends and is to
 * be renewed, so that an operator that starts goes on where the last one was.
 */
final class IssuedSecret {

    private static final String TYPE = "kubernetes.io/dockerconfigjson";
    private static final String KEY = ".dockerconfigjson";
    private static final String EXPIRES = "larder.dev/login-expires";
    private static final String RENEWAL = "larder.dev/login-renewal";
    /** Changes with the keys that the login was got with. */
    private static final String KEYS = "larder.dev/login-keys";

    private IssuedSecret() {}

    static Secret of(RegistryCache owner, String namespace, String name, Held held, Set<String> hosts, String keys) {
        String both = held.login().user() + ":" + held.login().password().reveal();
        Map<String, Object> auths = new TreeMap<>();
        hosts.forEach(host -> auths.put(host, Map.of("auth", base64(both))));
        Map<String, String> annotations = new LinkedHashMap<>();
        annotations.put(EXPIRES, held.login().expires().toString());
        annotations.put(RENEWAL, held.renewal().toString());
        annotations.put(KEYS, keys);
        return new SecretBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .withLabels(Names.labels(owner.getMetadata().getName()))
                .withAnnotations(annotations)
                .withOwnerReferences(new OwnerReferenceBuilder()
                        .withApiVersion(owner.getApiVersion())
                        .withKind(owner.getKind())
                        .withName(owner.getMetadata().getName())
                        .withUid(owner.getMetadata().getUid())
                        .withController(true)
                        .build())
                .endMetadata()
                .withType(TYPE)
                .withData(Map.of(KEY, base64(Serialization.asJson(Map.of("auths", auths)))))
                .build();
    }

    /** The login in the Secret; due at once when it was got with other keys. Empty when it is none of ours. */
    static Optional<Held> read(Secret secret, String keys) {
        Map<String, String> annotations =
                Objects.requireNonNullElse(secret.getMetadata().getAnnotations(), Map.of());
        String data = Objects.requireNonNullElse(secret.getData(), Map.<String, String>of())
                .getOrDefault(KEY, "");
        try {
            Instant expires = Instant.parse(annotations.getOrDefault(EXPIRES, ""));
            Instant renewal = Instant.parse(annotations.getOrDefault(RENEWAL, ""));
            JsonNode auths = Serialization.unmarshal(text(data), JsonNode.class).path("auths");
            String both = auths.isEmpty()
                    ? ""
                    : text(auths.elements().next().path("auth").asText(""));
            int colon = both.indexOf(':');
            if (colon <= 0) {
                return Optional.empty();
            }
            RegistryLogin login =
                    new RegistryLogin(both.substring(0, colon), new SecretText(both.substring(colon + 1)), expires);
            return Optional.of(new Held(login, keys.equals(annotations.get(KEYS)) ? renewal : Instant.EPOCH));
        } catch (DateTimeParseException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Whether the one that is there needs no change to become the other. */
    static boolean same(Secret there, Secret wanted) {
        return wanted.getData().equals(there.getData())
                && wanted.getMetadata()
                        .getAnnotations()
                        .equals(there.getMetadata().getAnnotations())
                && wanted.getMetadata()
                        .getOwnerReferences()
                        .equals(there.getMetadata().getOwnerReferences());
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(String base64) {
        return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    }
}
