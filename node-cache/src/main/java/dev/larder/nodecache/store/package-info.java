/**
 * What is on this disk: verified content by digest, what manifests and repositories it belongs to, and what tags meant
 * when last asked. Read {@code StorePaths} for the tree, then {@code DiskBlobStore}.
 *
 * <p>Every file appears whole by a rename or not at all, so that the process may end at any instant.
 */
@NullMarked
package dev.larder.nodecache.store;

import org.jspecify.annotations.NullMarked;
