/** The SLF4J backend: one JSON object a line on standard output. {@code JsonLogProvider} is found by the service loader. */
@NullMarked
package dev.larder.nodecache.log;

import org.jspecify.annotations.NullMarked;
