/**
 * The config file as values: {@code ConfigReader} turns text into a {@code NodeCacheConfig} or into a list of problems.
 *
 * <p>The file's format is documented in node-cache/README.md and is the contract with whoever writes it, the operator
 * above all. This package depends on nothing of ours and does no I/O but the reading of one file.
 */
@NullMarked
package dev.larder.nodecache.config;

import org.jspecify.annotations.NullMarked;
