/**
 * Builds the two container images without a container engine and without a base image: the C library from its Debian
 * package, a linked Java runtime, the classes, and an ahead-of-time cache made by training each program inside the very
 * root file system that is shipped. What is slow is kept outside the source tree, keyed by what it was made from.
 *
 * <p>Read {@link dev.larder.e2e.images.BuildImages} first, then {@link dev.larder.e2e.images.NodeCacheImage}. Nothing here
 * knows a cluster.
 */
@NullMarked
package dev.larder.e2e.images;

import org.jspecify.annotations.NullMarked;
