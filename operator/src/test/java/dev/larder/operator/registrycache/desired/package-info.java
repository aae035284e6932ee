@NullMarked
package dev.larder.operator.registrycache.desired;

import org.jspecify.annotations.NullMarked;
