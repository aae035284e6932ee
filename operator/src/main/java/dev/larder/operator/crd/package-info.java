/** The CRD that this version of the operator was built with, brought to the cluster. */
@NullMarked
package dev.larder.operator.crd;

import org.jspecify.annotations.NullMarked;
