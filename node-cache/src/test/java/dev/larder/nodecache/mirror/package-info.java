@NullMarked
package dev.larder.nodecache.mirror;

import org.jspecify.annotations.NullMarked;
