/** Processes of the operating system: run one to its end ({@code Command}) or keep one running ({@code Component}). */
@NullMarked
package dev.larder.e2e.process;

import org.jspecify.annotations.NullMarked;
