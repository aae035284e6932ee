/**
 * Larder installed the way people install it: by Helm, by Argo CD, by kubectl, with the real programs. Each class has a
 * cluster of its own, since what it proves begins with a cluster that has never seen Larder. {@code HelmE2E} first.
 */
@NullMarked
package dev.larder.e2e.delivery;

import org.jspecify.annotations.NullMarked;
