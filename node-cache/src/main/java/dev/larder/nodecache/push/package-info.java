/**
 * Writing to another registry, by the push half of the distribution specification: {@code TargetRepository} is one
 * repository, {@code BlobUpload} brings one blob there and takes up a broken transfer where it broke.
 *
 * <p>What is written, and in which order, is decided elsewhere; logging in and connecting is {@code upstream}'s.
 */
@NullMarked
package dev.larder.nodecache.push;

import org.jspecify.annotations.NullMarked;
