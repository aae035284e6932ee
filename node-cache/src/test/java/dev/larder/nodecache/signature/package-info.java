@NullMarked
package dev.larder.nodecache.signature;

import org.jspecify.annotations.NullMarked;
