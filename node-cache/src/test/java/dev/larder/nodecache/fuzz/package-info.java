/** Random and mutated inputs for every parser of what others send or disks give back; see {@code Fuzz}. */
@NullMarked
package dev.larder.nodecache.fuzz;

import org.jspecify.annotations.NullMarked;
