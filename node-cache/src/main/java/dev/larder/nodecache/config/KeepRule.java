package dev.larder.nodecache.config;

import dev.larder.nodecache.oci.Keeping;

/**
 * Who keeps the images of one MirroredImage ahead of time.
 *
 * @param group of nodes, by its name; empty for all nodes
 * @param most so many of the group
 * @param keeping how a node does that is one of them
 */
public record KeepRule(String resource, String group, int most, Keeping keeping) {}
