package dev.larder.operator.cloud;

import java.util.Map;
import java.util.TreeMap;

/**
 * Keys of a cloud, as a Secret holds them, for an operator without an identity there.
 *
 * @param secret the Secret's name
 */
public record CloudKeys(String secret, Map<String, SecretText> values) {

    public CloudKeys {
        values = Map.copyOf(new TreeMap<>(values));
    }

    /** @throws CloudFailure when there is none */
    String get(String key) throws CloudFailure {
        SecretText value = values.get(key);
        if (value == null || value.reveal().isBlank()) {
            throw new CloudFailure("Secret " + secret + " has no key " + key + ": add it, or remove keysSecretRef");
        }
        return value.reveal().strip();
    }
}
