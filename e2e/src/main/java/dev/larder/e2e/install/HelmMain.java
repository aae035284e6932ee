package dev.larder.e2e.install;

import com.marcnuri.helm.Helm;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Runs one Helm command and ends: {@code install|upgrade|uninstall CHART RELEASE NAMESPACE KUBECONFIG [key=value ...]}. A
 * program of its own, because the Helm library takes SIGINT and SIGTERM from the JVM it is loaded into and keeps them, so
 * that Ctrl-C would end nothing any more.
 */
final class HelmMain {
    private HelmMain() {}

    public static void main(String[] arguments) {
        Path chart = Path.of(arguments[1]);
        String release = arguments[2];
        String namespace = arguments[3];
        Path kubeconfig = Path.of(arguments[4]);
        List<String[]> values =
                Arrays.stream(arguments).skip(5).map(pair -> pair.split("=", 2)).toList();
        switch (arguments[0]) {
            case "install" -> {
                var command = new Helm(chart)
                        .install()
                        .withName(release)
                        .withNamespace(namespace)
                        .createNamespace()
                        .withKubeConfig(kubeconfig);
                values.forEach(value -> command.set(value[0], value[1]));
                command.call();
            }
            case "upgrade" -> {
                var command = new Helm(chart)
                        .upgrade()
                        .withName(release)
                        .withNamespace(namespace)
                        .withKubeConfig(kubeconfig);
                values.forEach(value -> command.set(value[0], value[1]));
                command.call();
            }
            case "uninstall" ->
                Helm.uninstall(release)
                        .withNamespace(namespace)
                        .withKubeConfig(kubeconfig)
                        .call();
            default -> throw new IllegalArgumentException("unknown command " + arguments[0]);
        }
    }
}
