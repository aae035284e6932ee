@NullMarked
package dev.larder.operator.mirroredimage;

import org.jspecify.annotations.NullMarked;
