/** The CRD's upgrade against a fake API server. */
@NullMarked
package dev.larder.operator.crd;

import org.jspecify.annotations.NullMarked;
