/**
 * The registries that a test cluster's images come from. {@code UpstreamRegistry} is Debian's {@code docker-registry} behind
 * {@code RegistryFront}, a server of ours that counts what is asked for and misbehaves on demand; {@code DebianImages}
 * fills it with images of real programs. {@code PrivateRegistry} is the same program with a door, to which a {@code TokenServer}
 * may have the keys.
 */
@NullMarked
package dev.larder.e2e.upstream;

import org.jspecify.annotations.NullMarked;
