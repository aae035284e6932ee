package dev.larder.operator.nodes;

import dev.larder.operator.nodes.NodeReport.ConfigPath;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Whether a node's containerd reads the hosts.toml files that the hosts writer writes. The hosts writer reports facts; what
 * they mean depends on the version, which only the operator knows.
 *
 * <ul>
 *   <li>Up to 2.1 mirrors are off until config_path is set. From 2.2 on an unset one means a list of two folders.
 *   <li>From 2.1 on a list of folders is read by the older, local pull path only
 *       (<a href="https://github.com/containerd/containerd/issues/12415">containerd 12415</a>).
 * </ul>
 */
public final class ContainerdVerdict {

    private static final String DEFAULT_FILE = "/etc/containerd/config.toml";
    private static final String DEFAULT_FOLDER = "/etc/containerd/certs.d";

    private ContainerdVerdict() {}

    /** What is wrong, with the file and the line to write; empty when containerd will read our entries. */
    public static Optional<Trouble> of(String runtime, ConfigPath facts) {
        Optional<ContainerdVersion> version = ContainerdVersion.parse(runtime);
        if (version.isEmpty()) {
            return Optional.of(new Trouble(
                    "RuntimeNotSupported",
                    "the container runtime is " + (runtime.isEmpty() ? "unknown" : runtime)
                            + ": Larder configures containerd; leave such nodes out by spec.nodes.selector"));
        }
        return problem(version.get(), facts)
                .map(what -> new Trouble(
                        "ConfigPathNotUsed", version.get() + " " + what + ". " + remedy(version.get(), facts)));
    }

    private static Optional<String> problem(ContainerdVersion version, ConfigPath facts) {
        String raw = version.atLeast(2, 0) ? facts.raw() : facts.rawOnContainerd1();
        if (raw.isEmpty()) {
            if (facts.mirrorsSection()) {
                return Optional.of("uses its old mirrors section and reads no hosts.toml");
            }
            if (!version.atLeast(2, 2)) {
                return Optional.of("reads no hosts.toml, since config_path is not set");
            }
            return facts.localPullForced()
                    ? Optional.empty()
                    : Optional.of(
                            "has no config_path, and its built-in list of two folders is not read by its pull path");
        }
        if (raw.contains(":")) {
            return version.atLeast(2, 1) && !facts.localPullForced()
                    ? Optional.of("does not read the list config_path = \"" + raw + "\" in its pull path")
                    : Optional.empty();
        }
        boolean elsewhere = !facts.used().isEmpty()
                && !Path.of(raw).normalize().equals(Path.of(facts.used()).normalize());
        return elsewhere
                ? Optional.of("reads " + raw + ", but the entries are written to " + facts.used()
                        + ": set spec.containerd.configPath to auto or to the folder it reads")
                : Optional.empty();
    }

    private static String remedy(ContainerdVersion version, ConfigPath facts) {
        String file = facts.source().isEmpty() ? DEFAULT_FILE : facts.source();
        String folder = facts.used().isEmpty() ? DEFAULT_FOLDER : facts.used();
        return "In " + file + " write, under " + section(version, facts) + ": config_path = \"" + folder + "\""
                + (facts.mirrorsSection() ? " and remove the mirrors section" : "") + "; then restart containerd";
    }

    private static String section(ContainerdVersion version, ConfigPath facts) {
        int format = facts.configVersion() > 0 ? facts.configVersion() : version.atLeast(2, 0) ? 3 : 2;
        return switch (format) {
            case 1 -> "[plugins.cri.registry]";
            case 2 -> "[plugins.\"io.containerd.grpc.v1.cri\".registry]";
            default -> "[plugins.'io.containerd.cri.v1.images'.registry]";
        };
    }
}
