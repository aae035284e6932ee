/** The parts of {@code Demo}: the pulls it makes and the table it prints. */
@NullMarked
package dev.larder.e2e.demo;

import org.jspecify.annotations.NullMarked;
