/** Hands each desired object to the operator SDK, which compares it with what is there and applies it server-side. */
@NullMarked
package dev.larder.operator.registrycache.dependent;

import org.jspecify.annotations.NullMarked;
