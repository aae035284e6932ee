@NullMarked
package dev.larder.crds.v1alpha1;

import org.jspecify.annotations.NullMarked;
