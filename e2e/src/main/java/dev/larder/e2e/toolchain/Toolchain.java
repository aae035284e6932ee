package dev.larder.e2e.toolchain;

import dev.larder.e2e.toolchain.DebianPrograms.Program;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Where the programs of a native cluster lie: three folders of programs built from Go modules, one of programs from
 * Debian packages, and the CNI plugins.
 */
public record Toolchain(
        Path kubernetes,
        ContainerdRelease containerdRelease,
        Path containerd,
        Path pause,
        Path system,
        Path cniPlugins) {
    public static final String KUBERNETES_VERSION = "1.34.4";

    /** Programs first, then the libraries they need that a small Debian does not have. */
    private static final List<String> PACKAGES = List.of(
            "runc",
            "containernetworking-plugins",
            "etcd-server",
            "docker-registry",
            "iproute2",
            "iptables",
            "conntrack",
            "openssl",
            "libssl3",
            "libseccomp2",
            "libmnl0",
            "libnftnl11",
            "libxtables12",
            "libip4tc2",
            "libip6tc2",
            "libnetfilter-conntrack3",
            "libnfnetlink0",
            "libbpf1",
            "libelf1",
            "libcap2",
            "libbsd0",
            "libmd0",
            "libdb5.3",
            "libtirpc3",
            "libselinux1",
            "libpcre2-8-0");

    private static final List<Program> PROGRAMS = List.of(
            new Program("runc", "usr/sbin/runc"),
            new Program("etcd", "usr/bin/etcd"),
            new Program("docker-registry", "usr/bin/docker-registry"),
            new Program("ip", "bin/ip"),
            new Program("conntrack", "usr/sbin/conntrack"),
            new Program("openssl", "usr/bin/openssl"),
            new Program("iptables", "usr/sbin/xtables-nft-multi iptables"),
            new Program("iptables-save", "usr/sbin/xtables-nft-multi iptables-save"),
            new Program("iptables-restore", "usr/sbin/xtables-nft-multi iptables-restore"),
            new Program("ip6tables", "usr/sbin/xtables-nft-multi ip6tables"),
            new Program("ip6tables-save", "usr/sbin/xtables-nft-multi ip6tables-save"),
            new Program("ip6tables-restore", "usr/sbin/xtables-nft-multi ip6tables-restore"));

    /** Finds every part in the cache, or builds and downloads it, which takes some five minutes the first time. */
    public static Toolchain prepare(CacheFolder cache, Progress progress) {
        DebianPrograms.Prepared debian =
                new DebianPrograms("system-tools", PACKAGES, PROGRAMS).prepare(cache, progress);
        return new Toolchain(
                GoBuild.kubernetes(KUBERNETES_VERSION).programs(cache, progress),
                ContainerdRelease.V2,
                GoBuild.containerd(ContainerdRelease.V2).programs(cache, progress),
                GoBuild.pause().programs(cache, progress).resolve("pause"),
                debian.commands(),
                debian.unpacked().resolve("usr/lib/cni"));
    }

    /** The same with another containerd, which is built when the cache does not have it. */
    public Toolchain with(ContainerdRelease release, CacheFolder cache, Progress progress) {
        return new Toolchain(
                kubernetes, release, GoBuild.containerd(release).programs(cache, progress), pause, system, cniPlugins);
    }

    public Path kubectl() {
        return kubernetes.resolve("kubectl");
    }

    /** A PATH with every program of ours before the machine's own. */
    public String searchPath() {
        return List.of(system, containerd, kubernetes, cniPlugins).stream()
                        .map(Path::toString)
                        .collect(Collectors.joining(":"))
                + ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    }
}
