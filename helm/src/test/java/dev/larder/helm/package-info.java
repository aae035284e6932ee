/**
 * The chart, the manifests rendered from it, the examples and the dashboard, held to what they promise. Helm itself runs inside
 * the test, as a library. Read {@link dev.larder.helm.Chart} first.
 *
 * <p>{@code mvn test -pl helm -am -Dlarder.update-golden} rewrites what is generated.
 */
@NullMarked
package dev.larder.helm;

import org.jspecify.annotations.NullMarked;
