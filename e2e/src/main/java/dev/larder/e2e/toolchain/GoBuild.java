package dev.larder.e2e.toolchain;

import dev.larder.e2e.process.Command;
import dev.larder.e2e.process.CommandFailure;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * A Go module among our resources whose programs are built into the cache: the entry's name holds a hash of the sources
 * and flags, so a changed version is another entry. {@code target} is what {@code go build} is asked for, {@code tags} the
 * build constraints that hold, separated by commas.
 */
record GoBuild(String module, String version, List<String> files, String ldflags, String tags, String target) {
    private static final List<String> MODULE_ONLY = List.of("go.mod", "go.sum");
    private static final Duration LIMIT = Duration.ofMinutes(30);

    static GoBuild kubernetes(String version) {
        String[] parts = version.split("\\.", -1);
        // Without these the programs call themselves v0.0.0, which clients take for an ancient version.
        String ldflags = "-s -w -X k8s.io/component-base/version.gitVersion=v" + version
                + " -X k8s.io/component-base/version.gitMajor=" + parts[0]
                + " -X k8s.io/component-base/version.gitMinor=" + parts[1]
                + " -X k8s.io/component-base/version.gitTreeState=clean";
        return new GoBuild("kubernetes", version, MODULE_ONLY, ldflags, "", "tool");
    }

    static GoBuild containerd(ContainerdRelease release) {
        String ldflags = "-s -w -X " + release.versionVariable() + "=v" + release.version();
        return new GoBuild(release.module(), release.version(), MODULE_ONLY, ldflags, "", "tool");
    }

    static GoBuild cosign(String version) {
        return new GoBuild("cosign", version, MODULE_ONLY, "-s -w", "", "tool");
    }

    static GoBuild helm(String version) {
        String ldflags = "-s -w -X helm.sh/helm/v4/internal/version.version=v" + version;
        return new GoBuild("helm", version, MODULE_ONLY, ldflags, "", "tool");
    }

    static GoBuild argoCd(String version) {
        String ldflags = "-s -w -X github.com/argoproj/argo-cd/v3/common.version=" + version;
        return new GoBuild("argocd", version, MODULE_ONLY, ldflags, "", "tool");
    }

    /** Nothing is built of it: it has the kinds that clusters with its operator know. */
    static GoBuild prometheusOperator(String version) {
        return new GoBuild("prometheus-operator", version, MODULE_ONLY, "", "", "");
    }

    static GoBuild pause() {
        return new GoBuild("pause", "1", List.of("go.mod", "main.go"), "-s -w", "", ".");
    }

    /** Without what finds its targets in clouds: the build takes half the time. */
    static GoBuild prometheus(String version) {
        String ldflags = "-s -w -X github.com/prometheus/common/version.Version=" + version;
        return new GoBuild("prometheus", version, MODULE_ONLY, ldflags, "remove_all_sd,enable_kubernetes_sd", "tool");
    }

    /** The folder with the programs, built now when the cache does not have it. */
    Path programs(CacheFolder cache, Progress progress) {
        Path entry = cache.entry(
                "tools/" + module + "-" + version + "-" + key(),
                folder ->
                        progress.step("build " + module + " " + version + " from its Go module", () -> build(folder)));
        return entry.resolve("bin");
    }

    private void build(Path folder) {
        Path sources = folder.resolve("src");
        try {
            writeSources(sources);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var line = new ArrayList<>(List.of("go", "build", "-trimpath", "-buildvcs=false"));
        line.addAll(List.of("-tags", tags, "-ldflags", ldflags, "-o", folder.resolve("bin") + "/", target));
        try {
            Command.of(line)
                    .in(sources)
                    .with(Map.of("CGO_ENABLED", "0", "GOWORK", "off"))
                    .within(LIMIT)
                    .run();
        } catch (CommandFailure e) {
            throw new CommandFailure(
                    module + " " + version
                            + " could not be built. It needs Go (as its go.mod says, or newer) on the PATH,"
                            + " the Go module proxy, and some 3 GB of disk. " + e.getMessage(),
                    e);
        }
    }

    /** Files of a module that this one requires, copied into a cache entry of their own. */
    Path filesOf(String required, List<String> paths, CacheFolder cache) {
        return cache.entry("tools/" + module + "-files-" + version + "-" + key(), folder -> {
            Path sources = folder.resolve("src");
            try {
                writeSources(sources);
                Command.of("go", "mod", "download", required)
                        .in(sources)
                        .with(Map.of("GOWORK", "off"))
                        .within(LIMIT)
                        .run();
                Path root = Path.of(Command.of("go", "list", "-m", "-f", "{{.Dir}}", required)
                        .in(sources)
                        .with(Map.of("GOWORK", "off"))
                        .run()
                        .strip());
                for (String path : paths) {
                    Files.copy(root.resolve(path), folder.resolve(Path.of(path).getFileName()));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private void writeSources(Path sources) throws IOException {
        Files.createDirectories(sources);
        for (String file : files) {
            Files.write(sources.resolve(file), read(file));
        }
    }

    private String key() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String file : files) {
                digest.update(read(file));
            }
            digest.update((ldflags + tags + target + System.getProperty("os.arch")).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest(), 0, 6);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private byte[] read(String file) {
        String name = "/toolchain/" + module + "/" + file;
        try (InputStream in = GoBuild.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("resource " + name + " is missing");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
