/** The certificates by which the operator and the node caches know each other: made here, kept in two Secrets. */
@NullMarked
package dev.larder.operator.tls;

import org.jspecify.annotations.NullMarked;
