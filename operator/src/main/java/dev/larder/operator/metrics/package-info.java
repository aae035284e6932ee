/** What the operator knows of the custom resources, for Prometheus; the names are those of the README's table. */
@NullMarked
package dev.larder.operator.metrics;

import org.jspecify.annotations.NullMarked;
