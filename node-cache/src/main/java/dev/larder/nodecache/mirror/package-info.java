/**
 * Images that are here before anyone asks, and tags that mean what the table of them says. {@code Mirror} has the whole of
 * it: what is wanted, what is here, what each tag means on this node meanwhile; {@code ImageFetch} brings one image.
 *
 * <p>The table is handed in; nothing here reads a file or talks to an upstream but by the registry's own handlers.
 */
@NullMarked
package dev.larder.nodecache.mirror;

import org.jspecify.annotations.NullMarked;
