@NullMarked
package dev.larder.operator.nodes;

import org.jspecify.annotations.NullMarked;
