@NullMarked
package dev.larder.operator.registrycache;

import org.jspecify.annotations.NullMarked;
