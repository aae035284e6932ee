/** Tests of the metrics. */
@NullMarked
package dev.larder.operator.metrics;

import org.jspecify.annotations.NullMarked;
