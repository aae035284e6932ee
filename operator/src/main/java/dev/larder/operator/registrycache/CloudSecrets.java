package dev.larder.operator.registrycache;

import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.crds.v1alpha1.RegistrySpec;
import dev.larder.operator.cloud.CloudIdentity;
import dev.larder.operator.cloud.CloudKeys;
import dev.larder.operator.cloud.CloudLogins;
import dev.larder.operator.cloud.SecretText;
import dev.larder.operator.registrycache.desired.CachePlan;
import dev.larder.operator.registrycache.desired.LoginSecret;
import dev.larder.operator.registrycache.desired.Names;
import dev.larder.operator.registrycache.desired.Revision;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Keeps a Secret with a good login for each cloud identity of a RegistryCache, where the nodes mount it. */
final class CloudSecrets {

    private final CloudLogins logins;

    CloudSecrets(CloudLogins logins) {
        this.logins = logins;
    }

    /** @param field of the identity, where the spec has it first */
    private record Wanted(LoginSecret secret, String field, Set<String> hosts) {}

    /** @param keysVersion changes with the keys; empty when there are none */
    private record Asked(
            Wanted wanted,
            CloudIdentity identity,
            String keysVersion,
            @Nullable Secret there) {}

    /** The intent with what the clouds gave; asks those that are due. */
    Intent into(Intent intent, RegistryCache cache, KubernetesClient client) throws InterruptedException {
        CachePlan plan = intent.plan();
        if (plan == null || cache.isMarkedForDeletion()) {
            return intent;
        }
        List<Wanted> wanted = wanted(cache, plan);
        if (wanted.isEmpty()) {
            return intent;
        }
        CloudState state = ensure(wanted, cache, plan.settings().namespace(), client);
        return intent.with(plan.with(state.secrets()), state);
    }

    /** Those that an earlier DaemonSet mounted and the plan does not name any more. */
    void deleteUnused(@Nullable DaemonSet earlier, CachePlan plan, KubernetesClient client) {
        if (earlier == null) {
            return;
        }
        Set<String> named = new TreeSet<>();
        plan.registries()
                .forEach(registry -> registry.upstreams().forEach(upstream -> LoginSecret.of(plan.name(), upstream)
                        .ifPresent(secret -> named.add(secret.name()))));
        String namespace = plan.settings().namespace();
        earlier.getSpec().getTemplate().getSpec().getVolumes().stream()
                .filter(volume -> volume.getSecret() != null)
                .map(volume -> volume.getSecret().getSecretName())
                .filter(name -> name.startsWith(Names.loginPrefix(plan.name())) && !named.contains(name))
                .forEach(name ->
                        client.secrets().inNamespace(namespace).withName(name).delete());
    }

    private static List<Wanted> wanted(RegistryCache cache, CachePlan plan) {
        Map<String, Wanted> wanted = new LinkedHashMap<>();
        List<RegistrySpec> all = cache.effectiveSpec().registries();
        for (RegistrySpec registry : plan.registries()) {
            for (int i = 0; i < registry.upstreams().size(); i++) {
                var upstream = registry.upstreams().get(i);
                String field = "spec.registries[" + all.indexOf(registry) + "].upstreams[" + i + "].cloudIdentity";
                LoginSecret.of(plan.name(), upstream).ifPresent(secret -> wanted.computeIfAbsent(
                                secret.name(), _ -> new Wanted(secret, field, new TreeSet<>()))
                        .hosts()
                        .add(LoginSecret.host(upstream)));
            }
        }
        return List.copyOf(wanted.values());
    }

    private CloudState ensure(List<Wanted> wanted, RegistryCache cache, String namespace, KubernetesClient client)
            throws InterruptedException {
        List<Problem> problems = new ArrayList<>();
        List<Asked> asked = new ArrayList<>();
        for (Wanted one : wanted) {
            String keysName = one.secret().keys();
            Secret keys = keysName == null ? null : secret(keysName, namespace, client);
            if (keysName != null && keys == null) {
                problems.add(new Problem(
                        one.field() + ".keysSecretRef",
                        "there is no Secret " + keysName + " in namespace " + namespace
                                + ": create it, or remove keysSecretRef"));
                continue;
            }
            String version = keys == null
                    ? ""
                    : keys.getMetadata().getUid() + "/" + keys.getMetadata().getResourceVersion();
            Secret there = secret(one.secret().name(), namespace, client);
            Asked ask = new Asked(one, identity(one.secret(), keys), version, there);
            if (there != null) {
                IssuedSecret.read(there, version).ifPresent(held -> logins.restore(ask.identity(), held));
            }
            asked.add(ask);
        }
        var current = logins.current(asked.stream().map(Asked::identity).toList());
        Map<String, String> versions = new HashMap<>();
        Instant next = null;
        for (Asked ask : asked) {
            CloudLogins.Current got = Objects.requireNonNull(current.get(ask.identity()));
            next = next == null || got.next().isBefore(next) ? got.next() : next;
            CloudLogins.Held held = got.held();
            if (held != null) {
                Secret desired = IssuedSecret.of(
                        cache,
                        namespace,
                        ask.wanted().secret().name(),
                        held,
                        ask.wanted().hosts(),
                        ask.keysVersion());
                versions.put(ask.wanted().secret().name(), write(desired, ask.there(), client));
            }
            if (!got.failure().isEmpty()) {
                String until = held == null
                        ? ""
                        : "; the login held until " + held.login().expires().truncatedTo(ChronoUnit.SECONDS)
                                + " goes on being used";
                problems.add(new Problem(ask.wanted().field(), got.failure() + until));
            }
        }
        String revision = versions.isEmpty() ? "" : Revision.of(new java.util.TreeMap<>(versions).toString());
        return new CloudState(wanted.size(), Set.copyOf(versions.keySet()), revision, List.copyOf(problems), next);
    }

    /** Its version after that. */
    private static String write(Secret desired, @Nullable Secret there, KubernetesClient client) {
        Secret written;
        if (there == null) {
            written = client.resource(desired).create();
        } else if (IssuedSecret.same(there, desired)) {
            written = there;
        } else {
            written = client.secrets()
                    .inNamespace(desired.getMetadata().getNamespace())
                    .withName(desired.getMetadata().getName())
                    .patch(PatchContext.of(PatchType.JSON_MERGE), Serialization.asJson(desired));
        }
        return written.getMetadata().getUid() + "/" + written.getMetadata().getResourceVersion();
    }

    private static @Nullable Secret secret(String name, String namespace, KubernetesClient client) {
        return client.secrets().inNamespace(namespace).withName(name).get();
    }

    private static CloudIdentity identity(LoginSecret secret, @Nullable Secret keysSecret) {
        CloudKeys keys = keysSecret == null ? null : keys(keysSecret);
        return switch (secret.provider()) {
            case ECR ->
                secret.place().equals(LoginSecret.PUBLIC_ECR)
                        ? new CloudIdentity.EcrPublic(keys)
                        : new CloudIdentity.Ecr(secret.place(), keys);
            case GAR -> new CloudIdentity.Google(keys);
            case ACR -> new CloudIdentity.Acr(secret.place(), secret.tenant(), keys);
        };
    }

    private static CloudKeys keys(Secret secret) {
        Map<String, SecretText> values = new HashMap<>();
        Objects.requireNonNullElse(secret.getData(), Map.<String, String>of())
                .forEach((key, value) -> values.put(
                        key, new SecretText(new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8))));
        return new CloudKeys(secret.getMetadata().getName(), values);
    }
}
