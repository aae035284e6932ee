/**
 * The edge: {@code RegistryServer} turns HTTP into values, hands them to the {@code RegistryService}, on the event loop for
 * what is known here and otherwise on a virtual thread, and writes what comes back; {@code AdminServer} answers probes and
 * people. No Vert.x HTTP object leaves this package. To be read first: {@code Exchange}.
 */
@NullMarked
package dev.larder.nodecache.http;

import org.jspecify.annotations.NullMarked;
