/** Composition: the operator's settings and the parts that are handed to it (clock, threads, HTTP client, meters). */
@NullMarked
package dev.larder.operator.config;

import org.jspecify.annotations.NullMarked;
