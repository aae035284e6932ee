package dev.larder.e2e.toolchain;

/** The releases of containerd that pulls are tried with: what a node runs, and how its configuration is written. */
public enum ContainerdRelease {
    V2("2.3.7", "containerd", "github.com/containerd/containerd/v2/version.Version"),
    /** The last line before 2.0, still what many a distribution of Kubernetes brings. */
    V1_7("1.7.35", "containerd-1.7", "github.com/containerd/containerd/version.Version");

    private final String version;
    private final String module;
    private final String versionVariable;

    ContainerdRelease(String version, String module, String versionVariable) {
        this.version = version;
        this.module = module;
        this.versionVariable = versionVariable;
    }

    public String version() {
        return version;
    }

    /** The folder of its go.mod among our resources. */
    String module() {
        return module;
    }

    /** The Go variable that holds the version it tells. */
    String versionVariable() {
        return versionVariable;
    }
}
