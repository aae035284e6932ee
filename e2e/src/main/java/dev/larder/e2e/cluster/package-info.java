/**
 * Kubernetes clusters to pull images on. {@code Cluster} is what tests see; {@code NativeCluster} runs the real programs
 * of Kubernetes on this machine without Docker, each node in namespaces of its own, and is the one to read first.
 *
 * <p>Everything a native cluster makes lives inside one {@code Enclosure} (a PID, mount and network namespace), whose end
 * takes processes, mounts, networks and interfaces with it. Only cgroup folders and files outlive it.
 */
@NullMarked
package dev.larder.e2e.cluster;

import org.jspecify.annotations.NullMarked;
