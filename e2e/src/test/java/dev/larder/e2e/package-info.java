/**
 * The promises of the README, each on a real cluster. One cluster and one upstream registry serve all classes of a run:
 * {@code Stage} has them.
 */
@NullMarked
package dev.larder.e2e;

import org.jspecify.annotations.NullMarked;
