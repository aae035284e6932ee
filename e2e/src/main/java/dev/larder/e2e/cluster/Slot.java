package dev.larder.e2e.cluster;

import dev.larder.e2e.toolchain.CacheFolder;
import dev.larder.e2e.toolchain.Exclusive;
import java.nio.file.Path;

/**
 * The names and addresses of one of the native clusters that can run on a machine at the same time. Whoever has made the
 * host interface {@link #hostInterface} owns the slot; the kernel removes it when the cluster ends, however it ends.
 */
record Slot(int number, Path folder) {
    static final int COUNT = 16;
    static final String INTERFACE_PREFIX = "larder";
    static final String SERVICE_CIDR = "10.96.0.0/16";
    static final String KUBERNETES_SERVICE = "10.96.0.1";

    static Slot of(int number, CacheFolder cache) {
        return new Slot(number, folders(cache).resolve(Integer.toString(number)));
    }

    static Path folders(CacheFolder cache) {
        return cache.root().resolve("clusters");
    }

    /**
     * Takes slots or gives them back, one at a time on this machine: the interface of a cluster that ends goes before its
     * files, and who took the slot meanwhile would lose its own.
     */
    static <T> T changing(CacheFolder cache, Exclusive.Work<T> work) {
        return Exclusive.holding(cache.root().resolve("clusters.lock"), work);
    }

    String hostInterface() {
        return INTERFACE_PREFIX + number;
    }

    /** This machine, as the cluster sees it: the JVM listens here for what plays the outside world. */
    String hostAddress() {
        return "10.89." + number + ".1";
    }

    /** The control plane's network namespace, which also holds the bridge. */
    String controlPlaneAddress() {
        return "10.89." + number + ".2";
    }

    String nodeAddress(int index) {
        return "10.89." + number + "." + (10 + index);
    }

    String podCidr() {
        return "10." + (100 + number) + ".0.0/16";
    }

    String podCidr(int index) {
        return "10." + (100 + number) + "." + index + ".0/24";
    }

    String cgroup(int index) {
        return hostInterface() + "-node" + index;
    }

    String apiServer() {
        return "https://" + controlPlaneAddress() + ":6443";
    }
}
