package dev.larder.e2e;

import dev.larder.e2e.cluster.NativeCluster;
import dev.larder.e2e.toolchain.CacheFolder;
import dev.larder.e2e.toolchain.Progress;

/** {@code make cluster NODES=n}: starts a cluster that goes on until {@code make cluster-down}. */
public final class ClusterUp {
    private ClusterUp() {}

    public static void main(String... arguments) {
        int nodes = arguments.length == 0 ? 3 : Integer.parseInt(arguments[0]);
        Progress progress = new Progress(System.out);
        NativeCluster cluster = NativeCluster.start(nodes, CacheFolder.ofEnvironment(), progress);
        cluster.detach();
        progress.say(cluster.description());
        progress.say("export KUBECONFIG=" + cluster.kubeconfig());
        progress.say("export PATH=$PATH:" + cluster.tools().kubernetes());
        progress.say("End it with: make cluster-down");
        // The client's threads are no reason to stay.
        System.exit(0);
    }
}
