/**
 * MirroredImages: which tags, when their upstream is looked at, what is served and what was. {@code
 * MirroredImageReconciler} has the story; {@code TagSelection}, {@code Schedule} and {@code Promotion} are the decisions,
 * pure; {@code TagTable} is what the nodes are given.
 *
 * <p>Nothing here talks to a registry: a node cache is asked, by {@code nodes.JobClient}.
 */
@NullMarked
package dev.larder.operator.mirroredimage;

import org.jspecify.annotations.NullMarked;
