package dev.larder.e2e.install;

import dev.larder.e2e.cluster.Cluster;
import dev.larder.e2e.cluster.NativeCluster;
import dev.larder.e2e.process.Command;
import dev.larder.e2e.toolchain.CacheFolder;
import dev.larder.e2e.toolchain.DeliveryTools;
import dev.larder.e2e.toolchain.Progress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The real Helm, against one cluster and with nothing of the person's own Helm settings.
 *
 * @param program the program {@code helm}
 * @param environment its variables; {@code kubectl} does with them too
 */
public record Helm(Path program, Map<String, String> environment) {
    private static final Duration LIMIT = Duration.ofMinutes(5);

    public Helm {
        environment = Map.copyOf(environment);
    }

    /** Builds Helm when the cache does not have it. */
    public static Helm of(Cluster cluster) {
        CacheFolder cache = CacheFolder.ofEnvironment();
        Path program = DeliveryTools.helm(cache, new Progress(System.out));
        // Helm makes its folders only where something is added to it, which we never do.
        String nowhere = program.resolveSibling("none").toString();
        // What it learns of an API server's kinds must not be believed of our next cluster at the same address, and
        // must
        // not lie in the person's home.
        Path learnt = (cluster instanceof NativeCluster ours ? ours.folder() : cache.root()).resolve("kube-cache");
        Map<String, String> environment = Map.of(
                "KUBECONFIG", cluster.kubeconfig().toString(),
                "KUBECACHEDIR", learnt.toString(),
                "HELM_CACHE_HOME", nowhere,
                "HELM_CONFIG_HOME", nowhere,
                "HELM_DATA_HOME", nowhere);
        return new Helm(program, environment);
    }

    /** {@code helm} with these arguments. */
    public Command command(List<String> arguments) {
        var line = new ArrayList<String>();
        line.add(program.toString());
        line.addAll(arguments);
        return Command.of(line).with(environment).within(LIMIT);
    }

    public Command command(String... arguments) {
        return command(List.of(arguments));
    }

    /** {@code --set} for each value. */
    public static List<String> set(Map<String, String> values) {
        var options = new ArrayList<String>();
        values.forEach((key, value) -> options.addAll(List.of("--set", key + "=" + value)));
        return options;
    }
}
