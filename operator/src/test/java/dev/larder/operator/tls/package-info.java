@NullMarked
package dev.larder.operator.tls;

import org.jspecify.annotations.NullMarked;
