@NullMarked
package dev.larder.operator.events;

import org.jspecify.annotations.NullMarked;
