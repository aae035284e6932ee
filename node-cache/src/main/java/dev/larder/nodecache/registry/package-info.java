/**
 * What a request is answered with: {@code RegistryService} is the map of the program. Functions from values to values; no
 * HTTP object comes in here, and content comes only from {@code store}, {@code fill} and {@code source}.
 */
@NullMarked
package dev.larder.nodecache.registry;

import org.jspecify.annotations.NullMarked;
