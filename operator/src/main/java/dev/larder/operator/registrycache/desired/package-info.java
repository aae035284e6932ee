/**
 * What should be in the cluster for one RegistryCache, as pure functions from a {@link
 * dev.larder.operator.registrycache.desired.CachePlan} to objects: no client, no clock, no threads. The same plan always
 * gives the same objects, which is what keeps server-side apply from writing twice.
 */
@NullMarked
package dev.larder.operator.registrycache.desired;

import org.jspecify.annotations.NullMarked;
