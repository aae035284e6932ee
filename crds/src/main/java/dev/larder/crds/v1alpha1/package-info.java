/**
 * The custom resources of group larder.dev as Java, from which the CRD YAML is generated
 * ({@code crds/src/main/resources/META-INF/fabric8}; {@code mvn test -pl crds -Dlarder.update-golden} writes it anew).
 *
 * <p>Start at {@link dev.larder.crds.v1alpha1.RegistryCache}. Everything below it is a record whose compact constructor
 * fills in defaults: JSON may leave any part out, or set it to null, and code that reads a spec never meets either. The
 * schema repeats the scalar defaults, so that {@code kubectl get -o yaml} shows them; a test keeps both the same. Lists
 * have no default in the schema: one would stay in the object beside the entries that somebody applies later.
 */
@NullMarked
package dev.larder.crds.v1alpha1;

import org.jspecify.annotations.NullMarked;
