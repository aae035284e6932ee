/**
 * Downloads into the store: at most one <em>fill</em> for a digest, read by any number of clients while it goes on. Start
 * with {@code FillCoordinator}; {@code FillTask} writes, {@code FillReader} reads behind it, {@code Fill} is between them.
 *
 * <p>No client's speed or departure touches a fill, and no client gets the last piece of a blob before its digest has
 * been verified.
 */
@NullMarked
package dev.larder.nodecache.fill;

import org.jspecify.annotations.NullMarked;
