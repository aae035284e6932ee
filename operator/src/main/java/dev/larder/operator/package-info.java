/** The operator: reconciles custom resources into what runs on the nodes. */
@NullMarked
package dev.larder.operator;

import org.jspecify.annotations.NullMarked;
