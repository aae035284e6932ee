package dev.larder.e2e;

import dev.larder.e2e.cluster.NativeCluster;
import dev.larder.e2e.toolchain.CacheFolder;

/** {@code make cluster-down}: ends every native cluster on this machine and removes its files. */
public final class ClusterDown {
    private ClusterDown() {}

    public static void main(String... arguments) {
        int ended = NativeCluster.endAll(CacheFolder.ofEnvironment());
        System.out.println(ended == 0 ? "no cluster was running" : ended + " cluster(s) ended");
    }
}
