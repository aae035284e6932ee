/**
 * Why a request is given up: one sealed tree of unchecked exceptions, read from {@code CacheException} down.
 *
 * <p>Each carries its facts as fields and a message for operators that names the cause and the remedy. Nothing here knows
 * of HTTP answers; {@code http.ErrorResponse} turns a failure into one.
 */
@NullMarked
package dev.larder.nodecache.error;

import org.jspecify.annotations.NullMarked;
