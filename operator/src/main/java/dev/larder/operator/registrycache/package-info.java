/**
 * From a RegistryCache to running node caches and a status. Read {@link
 * dev.larder.operator.registrycache.RegistryCacheReconciler} first: it is the whole story. What it decides is in pure
 * classes beside it; what should be in the cluster is in {@code desired}, which {@code dependent} applies.
 */
@NullMarked
package dev.larder.operator.registrycache;

import org.jspecify.annotations.NullMarked;
