package dev.larder.e2e.toolchain;

import dev.larder.e2e.toolchain.DebianPrograms.Program;
import java.nio.file.Path;
import java.util.List;

/** The programs that people install Larder with, each built or unpacked when it is first asked for. */
public final class DeliveryTools {
    public static final String HELM_VERSION = "4.3.1";
    public static final String ARGO_CD_VERSION = "3.1.9";

    private static final List<String> GIT_AND_REDIS = List.of(
            "git",
            "redis-server",
            "redis-tools",
            "libatomic1",
            "libjemalloc2",
            "liblzf1",
            "libssl3",
            "libsystemd0",
            "libpcre2-8-0",
            "libcap2",
            "libgcrypt20",
            "libgpg-error0",
            "liblz4-1",
            "liblzma5",
            "libzstd1",
            "zlib1g");

    private DeliveryTools() {}

    /**
     * What Argo CD runs with.
     *
     * @param program all its parts in one; {@code ARGOCD_BINARY_NAME} chooses
     * @param manifests its custom resource definitions
     * @param commands a folder with {@code git} and {@code redis-server}
     * @param gitPrograms what {@code GIT_EXEC_PATH} has to name
     */
    public record ArgoCdPrograms(Path program, Path manifests, Path commands, Path gitPrograms) {}

    /** The program {@code helm}; its first build takes about a minute. */
    public static Path helm(CacheFolder cache, Progress progress) {
        return GoBuild.helm(HELM_VERSION).programs(cache, progress).resolve("helm");
    }

    /** Argo CD with what it needs beside it; its first build takes some minutes. */
    public static ArgoCdPrograms argoCd(CacheFolder cache, Progress progress) {
        GoBuild build = GoBuild.argoCd(ARGO_CD_VERSION);
        DebianPrograms.Prepared debian = new DebianPrograms(
                        "git-and-redis",
                        GIT_AND_REDIS,
                        List.of(
                                new Program("git", "usr/bin/git"),
                                new Program("git-upload-pack", "usr/bin/git-upload-pack"),
                                new Program("redis-server", "usr/bin/redis-server")))
                .prepare(cache, progress);
        Path program = build.programs(cache, progress).resolve("cmd");
        Path manifests = build.filesOf(
                "github.com/argoproj/argo-cd/v3",
                List.of("manifests/crds/application-crd.yaml", "manifests/crds/appproject-crd.yaml"),
                cache);
        return new ArgoCdPrograms(
                program, manifests, debian.commands(), debian.unpacked().resolve("usr/lib/git-core"));
    }
}
