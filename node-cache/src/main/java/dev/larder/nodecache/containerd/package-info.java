/**
 * containerd's side of a node: which hosts.toml files there are, which are ours, and what containerd's own
 * configuration says about them.
 *
 * <p>{@code HostsToml} says what a file should hold, {@code HostsTomlWriter} puts it there and takes it away again,
 * {@code ContainerdConfigReader} reads containerd's config.toml, {@code HostsWriter} is the round that does all of it.
 * Start reading there. Plain JDK and tomlj only: this runs in the smallest of our processes. Nothing here imports
 * {@code config}; the main class hands over plain values.
 */
@NullMarked
package dev.larder.nodecache.containerd;

import org.jspecify.annotations.NullMarked;
