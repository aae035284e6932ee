package dev.larder.e2e.toolchain;

import java.nio.file.Path;
import java.util.List;

/**
 * Prometheus' own server, and the tool that checks and tests its rules.
 *
 * @param discovery whether the server can ask Kubernetes where its targets are
 */
public record PrometheusTools(Path server, Path promtool, boolean discovery) {
    /** The release whose Go module is v0.314.0. */
    private static final String VERSION = "3.14.0";

    private static final String OPERATOR_VERSION = "0.85.0";

    /** The current release: finds it in the cache, or builds it, which takes one to two minutes. */
    public static PrometheusTools prepare(CacheFolder cache, Progress progress) {
        return in(GoBuild.prometheus(VERSION).programs(cache, progress), true);
    }

    /**
     * The older release that the machine's Debian has, which is built without discovery: in the cache, or downloaded (19 MB)
     * and unpacked there within seconds.
     */
    public static PrometheusTools ofDebian(CacheFolder cache, Progress progress) {
        Path unpacked = new DebianArchive(cache, progress).unpacked("prometheus", List.of("prometheus"));
        return in(unpacked.resolve("usr/bin"), false);
    }

    /** A folder with the custom resource definitions that the Prometheus operator has for rules and for what to scrape. */
    public static Path operatorKinds(CacheFolder cache) {
        String folder = "example/prometheus-operator-crd/monitoring.coreos.com_";
        return GoBuild.prometheusOperator(OPERATOR_VERSION)
                .filesOf(
                        "github.com/prometheus-operator/prometheus-operator",
                        List.of(folder + "prometheusrules.yaml", folder + "servicemonitors.yaml"),
                        cache);
    }

    private static PrometheusTools in(Path programs, boolean discovery) {
        return new PrometheusTools(programs.resolve("prometheus"), programs.resolve("promtool"), discovery);
    }
}
