/** Pulls as users make them: a pod names an image, a kubelet and its containerd fetch it, and its events tell how long it took. */
@NullMarked
package dev.larder.e2e.pull;

import org.jspecify.annotations.NullMarked;
