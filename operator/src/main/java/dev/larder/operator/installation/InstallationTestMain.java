package dev.larder.operator.installation;

import dev.larder.crds.v1alpha1.MirroredImage;
import dev.larder.crds.v1alpha1.RegistryCache;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Waits until an operator is at work and every RegistryCache and MirroredImage is Ready; ends with status 1 and the reasons
 * when that takes longer than {@code --within} seconds (120). Uses the operator's rights and changes nothing.
 */
public final class InstallationTestMain {
    static final String OPTION = "--within";
    private static final Duration DEFAULT = Duration.ofMinutes(2);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private InstallationTestMain() {}

    public static void main(String[] arguments) throws InterruptedException {
        Duration within;
        try {
            within = within(List.of(arguments));
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(2);
            return;
        }
        String namespace = System.getenv().getOrDefault("LARDER_NAMESPACE", "larder-system");
        try (KubernetesClient client = new KubernetesClientBuilder().build()) {
            System.exit(run(client, namespace, within, Clock.systemUTC(), System.out));
        }
    }

    static Duration within(List<String> arguments) {
        if (arguments.isEmpty()) {
            return DEFAULT;
        }
        if (arguments.size() == 2
                && arguments.getFirst().equals(OPTION)
                && arguments.getLast().matches("[0-9]{1,5}")) {
            return Duration.ofSeconds(Integer.parseInt(arguments.getLast()));
        }
        throw new IllegalArgumentException(
                "unknown arguments " + String.join(" ", arguments) + ": give nothing, or " + OPTION + " SECONDS");
    }

    static int run(KubernetesClient client, String namespace, Duration within, Clock clock, PrintStream out)
            throws InterruptedException {
        Instant end = clock.instant().plus(within);
        Installation seen = look(client, namespace, clock);
        while (!seen.problems().isEmpty() && clock.instant().isBefore(end)) {
            Thread.sleep(PAUSE);
            seen = look(client, namespace, clock);
        }
        seen.facts().forEach(out::println);
        seen.problems().forEach(problem -> out.println("NOT WORKING: " + problem));
        return seen.problems().isEmpty() ? 0 : 1;
    }

    private static Installation look(KubernetesClient client, String namespace, Clock clock) {
        try {
            return Installation.of(
                    client.leases()
                            .inNamespace(namespace)
                            .withName(Installation.LEASE)
                            .get(),
                    client.resources(RegistryCache.class).list().getItems(),
                    client.resources(MirroredImage.class).list().getItems(),
                    clock.instant());
        } catch (KubernetesClientException e) {
            return new Installation(List.of(), List.of("the API server: " + e.getMessage()));
        }
    }
}
