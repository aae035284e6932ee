/** {@code make bench}: what Larder costs and saves, measured on a real cluster beside the direct pull in the same run. */
@NullMarked
package dev.larder.e2e.bench;

import org.jspecify.annotations.NullMarked;
