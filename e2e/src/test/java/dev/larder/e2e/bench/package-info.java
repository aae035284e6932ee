/** What the measurements print. */
@NullMarked
package dev.larder.e2e.bench;

import org.jspecify.annotations.NullMarked;
