/**
 * The binaries of a test cluster, got without touching the machine: Go programs built into a cache, Debian packages
 * unpacked there. {@code Toolchain} is the list of them; {@code CacheFolder} is where they lie and how two runs share it.
 */
@NullMarked
package dev.larder.e2e.toolchain;

import org.jspecify.annotations.NullMarked;
