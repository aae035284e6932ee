package dev.larder.operator.registrycache.desired;

import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.crds.v1alpha1.RegistryCacheSpec;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Set;

/** Plans for tests, from YAML as a user writes it. */
public final class Plans {

    public static final Settings SETTINGS = new Settings(
            "larder-system", "ghcr.io/larder-dev/node-cache:0.1.0", "IfNotPresent", List.of("pull-secret"));

    /** Everything a spec can say. */
    public static final String FULL = """
            registries:
            - host: docker.io
              access: Shared
              upstreams:
              - url: https://mirror.example.com:8443
                pathPrefix: docker-hub-proxy
                credentialsSecretRef: {name: hub}
                tokenServers: [auth.example.com]
                caBundleRef: {name: corp-ca, key: bundle.pem}
                timeouts: {connect: 500ms, firstByte: 15s, idle: 2m}
              - url: https://registry-1.docker.io
                credentialsSecretRef: {name: missing}
                caBundleRef: {name: missing-ca}
              rateBudget: {reserve: 50%}
              repositories: {allow: ["library/*"], deny: ["library/\\"odd\\""]}
              tags:
              - {pattern: "v*", freshFor: 0s, staleWhileRevalidate: 2h30m, staleIfError: 7d, onDeletedUpstream: Serve}
              - {pattern: latest}
            - host: registry.example.com:5000
              access: Anonymous
              upstreams:
              - url: http://10.0.0.1:5000
            - host: "[fd00::1]:5000"
              upstreams:
              - url: https://[fd00::1]:5000
                insecureSkipVerify: true
            storage: {size: 100Gi, path: /data/larder, minFree: 5Gi}
            nodes:
              selector:
                matchLabels: {pool: build}
                matchExpressions:
                - {key: gpu, operator: DoesNotExist}
                - {key: zone, operator: In, values: [a, b]}
              tolerations:
              - {key: dedicated, operator: Equal, value: build, effect: NoSchedule}
              - {operator: Exists, effect: NoExecute}
            containerd: {configPath: /var/lib/rancher/k3s/agent/etc/containerd/certs.d, manage: true, tlsSecretRef: {name: listener}}
            ports: {registry: 6151, admin: 6152}
            proxy: {noProxy: ".example.com,10.0.0.0/8", secretRef: {name: proxy}}
            resources:
              requests: {cpu: 200m}
              limits: {memory: 1Gi, cpu: "2"}
            """;

    private Plans() {}

    public static RegistryCacheSpec spec(String yaml) {
        return Serialization.unmarshal(yaml, RegistryCacheSpec.class);
    }

    public static CachePlan plan(String yaml) {
        RegistryCacheSpec spec = spec(yaml);
        return new CachePlan(
                "default",
                spec,
                CachePlan.claimed(spec),
                Set.of("hub"),
                Set.of("corp-ca/bundle.pem"),
                spec.containerd().manage(),
                SETTINGS);
    }

    public static RegistryCache cache(String name, String specYaml) {
        RegistryCache cache = new RegistryCache();
        cache.getMetadata().setName(name);
        cache.getMetadata().setUid("uid-" + name);
        cache.getMetadata().setGeneration(1L);
        cache.setSpec(spec(specYaml));
        return cache;
    }
}
