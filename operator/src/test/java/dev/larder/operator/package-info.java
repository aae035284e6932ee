@NullMarked
package dev.larder.operator;

import org.jspecify.annotations.NullMarked;
