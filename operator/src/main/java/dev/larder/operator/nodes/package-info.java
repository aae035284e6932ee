/** What the node caches themselves say, asked for over HTTP, and what to make of it. */
@NullMarked
package dev.larder.operator.nodes;

import org.jspecify.annotations.NullMarked;
