/** The custom resources of group larder.dev as Java, from which the CRD YAML is generated. */
@NullMarked
package dev.larder.crds.v1alpha1;

import org.jspecify.annotations.NullMarked;
