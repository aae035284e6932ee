/**
 * Tells a hung node cache from a slow one, from outside, and ends it. {@code Watchdog} is the loop's body and the place
 * to start reading; {@code HangJudge} decides, without I/O; {@code CacheProbe} asks over HTTP; {@code ProcessSample}
 * reads /proc. {@code PidFile} is how the watched process makes itself known.
 */
@NullMarked
package dev.larder.nodecache.watchdog;

import org.jspecify.annotations.NullMarked;
