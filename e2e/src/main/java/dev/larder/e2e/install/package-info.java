/** Larder in a cluster: installed by its chart, configured by a RegistryCache, and its node caches seen from outside. */
@NullMarked
package dev.larder.e2e.install;

import org.jspecify.annotations.NullMarked;
