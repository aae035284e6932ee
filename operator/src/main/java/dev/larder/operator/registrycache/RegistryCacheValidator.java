package dev.larder.operator.registrycache;

import dev.larder.crds.v1alpha1.RegistryCacheSpec;
import dev.larder.crds.v1alpha1.RegistrySpec;
import dev.larder.crds.v1alpha1.ResourcesSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a spec must keep to beyond the CRD's schema and rules: pure. */
final class RegistryCacheValidator {

    /** Below this the node cache's heap and buffers do not fit; see the figures in the README. */
    private static final Quantity LEAST_MEMORY = new Quantity("160Mi");

    private RegistryCacheValidator() {}

    static List<Problem> problems(RegistryCacheSpec spec) {
        List<Problem> problems = new ArrayList<>();
        for (int i = 0; i < spec.registries().size(); i++) {
            registry("spec.registries[" + i + "]", spec.registries().get(i), problems);
        }
        proxy("spec.proxy.https", spec.proxy().https(), problems);
        proxy("spec.proxy.http", spec.proxy().http(), problems);
        resources(spec.resources(), problems);
        return problems;
    }

    private static void proxy(String field, @Nullable String url, List<Problem> problems) {
        if (url != null && !isServer(url)) {
            problems.add(new Problem(
                    field, "\"" + url + "\" is not the address of a server: write http://host or http://host:port"));
        }
    }

    private static void registry(String field, RegistrySpec registry, List<Problem> problems) {
        if (!portFits(registry.host())) {
            problems.add(new Problem(
                    field + ".host",
                    "\"" + registry.host() + "\" has no port between 1 and 65535: write the registry's"));
        }
        for (int i = 0; i < registry.upstreams().size(); i++) {
            String url = registry.upstreams().get(i).url();
            if (!isServer(url)) {
                problems.add(new Problem(
                        field + ".upstreams[" + i + "].url",
                        "\"" + url + "\" is not the address of a server: write https://host or https://host:port"));
            }
        }
    }

    private static boolean portFits(String host) {
        int colon = host.lastIndexOf(':');
        return colon < 0 || host.endsWith("]") || Integer.parseInt(host, colon + 1, host.length(), 10) <= 65535;
    }

    private static boolean isServer(String url) {
        try {
            URI uri = new URI(url);
            return uri.getHost() != null && uri.getPort() <= 65535;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static void resources(ResourcesSpec resources, List<Problem> problems) {
        amounts("spec.resources.requests", resources.requests(), problems);
        amounts("spec.resources.limits", resources.limits(), problems);
        Optional<BigDecimal> memory = amount(resources.limits().get("memory"));
        if (memory.isPresent() && memory.get().compareTo(amount(LEAST_MEMORY).orElse(BigDecimal.ZERO)) < 0) {
            problems.add(new Problem(
                    "spec.resources.limits.memory",
                    "\"" + resources.limits().get("memory") + "\" starves the node cache: write " + LEAST_MEMORY
                            + " or more, or leave it out for 512Mi"));
        }
        resources.requests().forEach((name, requested) -> {
            Optional<BigDecimal> limit = amount(resources.limits().get(name));
            if (limit.isPresent()
                    && amount(requested).filter(limit.get()::equals).isEmpty()
                    && amount(requested).orElse(BigDecimal.ZERO).compareTo(limit.get()) > 0) {
                problems.add(new Problem(
                        "spec.resources.requests." + name,
                        "\"" + requested + "\" is more than the limit "
                                + resources.limits().get(name) + ": lower it or raise the limit"));
            }
        });
    }

    private static void amounts(String field, Map<String, Quantity> amounts, List<Problem> problems) {
        amounts.forEach((name, quantity) -> {
            if (amount(quantity).isEmpty()) {
                problems.add(new Problem(
                        field + "." + name, "\"" + quantity + "\" is not an amount such as 100m, 0.5, 256Mi or 1Gi"));
            }
        });
    }

    private static Optional<BigDecimal> amount(@Nullable Quantity quantity) {
        if (quantity == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(quantity.getNumericalAmount());
        } catch (ArithmeticException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
