package dev.larder.operator.registrycache.desired;

import dev.larder.crds.v1alpha1.Access;
import dev.larder.crds.v1alpha1.RateBudgetSpec;
import dev.larder.crds.v1alpha1.RegistryCacheSpec;
import dev.larder.crds.v1alpha1.RegistrySpec;
import dev.larder.crds.v1alpha1.RepositoriesSpec;
import dev.larder.crds.v1alpha1.SecretRef;
import dev.larder.crds.v1alpha1.TagRuleSpec;
import dev.larder.crds.v1alpha1.UpstreamSpec;
import dev.larder.crds.v1alpha1.UpstreamTimeoutsSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The node cache's config file, version 1 as node-cache/README.md describes it.
 *
 * @param text the file
 * @param revision identifies the text; it stands in it too, and the node cache says it back once it has loaded it
 */
public record DesiredConfig(String text, String revision) {

    /** Below what a ConfigMap may hold. */
    public static final int MAX_BYTES = 900 << 10;

    public static DesiredConfig of(CachePlan plan) {
        String revision = Revision.of(YamlText.of(tree(plan, "")));
        return new DesiredConfig(YamlText.of(tree(plan, revision)), revision);
    }

    private static Map<String, Object> tree(CachePlan plan, String revision) {
        RegistryCacheSpec spec = plan.spec();
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("version", 1);
        root.put("revision", revision);
        root.put("resource", plan.name());
        root.put("listen", listen(spec));
        root.put("storage", storage(spec));
        root.put(
                "registries",
                plan.registries().stream()
                        .map(registry -> registry(plan, registry))
                        .toList());
        root.put("containerd", containerd(plan));
        root.put("mirror", Map.of("folder", Names.MIRROR_FOLDER));
        return root;
    }

    private static Map<String, Object> listen(RegistryCacheSpec spec) {
        Map<String, Object> listen = new LinkedHashMap<>();
        listen.put("registry", "127.0.0.1:" + spec.ports().registry());
        listen.put("admin", "0.0.0.0:" + spec.ports().admin());
        listen.put("runDirectory", Names.RUN_FOLDER);
        if (spec.containerd().tlsSecretRef() != null) {
            Map<String, Object> tls = new LinkedHashMap<>();
            tls.put("certFile", Names.TLS_FOLDER + "/tls.crt");
            tls.put("keyFile", Names.TLS_FOLDER + "/tls.key");
            tls.put("caFile", Names.TLS_FOLDER + "/ca.crt");
            listen.put("tls", tls);
        }
        listen.put("jobs", jobs(spec));
        return listen;
    }

    private static Map<String, Object> jobs(RegistryCacheSpec spec) {
        Map<String, Object> jobs = new LinkedHashMap<>();
        jobs.put("address", "0.0.0.0:" + spec.ports().jobsPort());
        jobs.put("certFile", Names.JOBS_FOLDER + "/tls.crt");
        jobs.put("keyFile", Names.JOBS_FOLDER + "/tls.key");
        jobs.put("clientCaFile", Names.JOBS_FOLDER + "/ca.crt");
        jobs.put("clientName", Names.JOBS_CLIENT);
        return jobs;
    }

    private static Map<String, Object> storage(RegistryCacheSpec spec) {
        Map<String, Object> storage = new LinkedHashMap<>();
        storage.put("path", spec.storage().path());
        storage.put("size", spec.storage().size());
        storage.put("minFree", spec.storage().minFree());
        return storage;
    }

    private static Map<String, Object> containerd(CachePlan plan) {
        Map<String, Object> containerd = new LinkedHashMap<>();
        containerd.put("manage", plan.manage());
        containerd.put("configPath", plan.spec().containerd().configPath());
        containerd.put("hostRoot", Names.HOST_ROOT);
        return containerd;
    }

    private static Map<String, Object> registry(CachePlan plan, RegistrySpec registry) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("host", registry.host());
        out.put(
                "upstreams",
                upstreams(registry).stream()
                        .map(upstream -> upstream(plan, upstream))
                        .toList());
        if (registry.access() != Access.Relay) {
            out.put("access", registry.access().name());
        }
        if (!registry.repositories().equals(RepositoriesSpec.ALL)) {
            Map<String, Object> repositories = new LinkedHashMap<>();
            repositories.put("allow", registry.repositories().allow());
            repositories.put("deny", registry.repositories().deny());
            out.put("repositories", repositories);
        }
        if (!registry.rateBudget().equals(RateBudgetSpec.DEFAULT)) {
            out.put("rateBudget", Map.of("reserve", registry.rateBudget().reserve()));
        }
        if (!registry.tags().isEmpty()) {
            out.put("tags", registry.tags().stream().map(DesiredConfig::tagRule).toList());
        }
        return out;
    }

    private static List<UpstreamSpec> upstreams(RegistrySpec registry) {
        if (!registry.upstreams().isEmpty()) {
            return registry.upstreams();
        }
        String host = registry.host().equals("docker.io") ? "registry-1.docker.io" : registry.host();
        return List.of(UpstreamSpec.of("https://" + host));
    }

    /** A Secret or ConfigMap that is not there is left out: the node cache goes on without, and a condition says so. */
    private static Map<String, Object> upstream(CachePlan plan, UpstreamSpec upstream) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("url", upstream.url());
        if (upstream.pathPrefix() != null && !upstream.pathPrefix().isEmpty()) {
            out.put("pathPrefix", upstream.pathPrefix());
        }
        var ca = upstream.caBundleRef();
        if (ca != null && plan.caBundles().contains(Names.caBundle(ca))) {
            out.put("caFile", Names.caFolder(ca.name()) + "/" + ca.key());
        }
        if (Boolean.TRUE.equals(upstream.insecureSkipVerify())) {
            out.put("insecureSkipVerify", true);
        }
        credentials(plan, upstream)
                .filter(plan.secrets()::contains)
                .ifPresent(secret -> out.put("credentialsFile", Names.credentialsFolder(secret)));
        if (!upstream.tokenServers().isEmpty()) {
            out.put("tokenServers", upstream.tokenServers());
        }
        if (upstream.timeouts() != null) {
            Map<String, Object> timeouts = timeouts(upstream.timeouts());
            if (!timeouts.isEmpty()) {
                out.put("timeouts", timeouts);
            }
        }
        return out;
    }

    /** The Secret with an upstream's login. */
    static Optional<String> credentials(CachePlan plan, UpstreamSpec upstream) {
        return Optional.ofNullable(upstream.credentialsSecretRef())
                .map(SecretRef::name)
                .or(() -> LoginSecret.of(plan.name(), upstream).map(LoginSecret::name));
    }

    private static Map<String, Object> timeouts(UpstreamTimeoutsSpec timeouts) {
        Map<String, Object> out = new LinkedHashMap<>();
        if (timeouts.connect() != null) {
            out.put("connect", timeouts.connect());
        }
        if (timeouts.firstByte() != null) {
            out.put("firstByte", timeouts.firstByte());
        }
        if (timeouts.idle() != null) {
            out.put("idle", timeouts.idle());
        }
        return out;
    }

    private static Map<String, Object> tagRule(TagRuleSpec rule) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("pattern", rule.pattern());
        out.put("freshFor", rule.freshFor());
        out.put("staleWhileRevalidate", rule.staleWhileRevalidate());
        out.put("staleIfError", rule.staleIfError());
        out.put("onDeletedUpstream", rule.onDeletedUpstream().name());
        return out;
    }
}
