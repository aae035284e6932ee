/**
 * Programs a person starts: the demo, and a cluster for development ({@code ClusterUp}, {@code ClusterDown}).
 *
 * <p>They are built from the same parts as the end-to-end tests: {@code toolchain} gets the binaries, {@code cluster}
 * runs Kubernetes, {@code upstream} is the registry that images come from. Read {@code cluster.NativeCluster} first.
 */
@NullMarked
package dev.larder.e2e;

import org.jspecify.annotations.NullMarked;
