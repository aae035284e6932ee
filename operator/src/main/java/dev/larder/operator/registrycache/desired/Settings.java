package dev.larder.operator.registrycache.desired;

import java.util.List;

/**
 * What the installation says about every RegistryCache.
 *
 * @param namespace where everything is made
 * @param imagePullSecrets names of Secrets in that namespace
 */
public record Settings(String namespace, String nodeCacheImage, String imagePullPolicy, List<String> imagePullSecrets) {

    public Settings {
        imagePullSecrets = List.copyOf(imagePullSecrets);
    }
}
