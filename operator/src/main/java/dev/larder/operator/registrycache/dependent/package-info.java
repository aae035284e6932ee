/** Hands the desired objects to the operator SDK, which compares each with what is there and applies it server-side. */
@NullMarked
package dev.larder.operator.registrycache.dependent;

import org.jspecify.annotations.NullMarked;
