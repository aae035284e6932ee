/** Kubernetes Events; neither the operator SDK nor the client has a recorder. */
@NullMarked
package dev.larder.operator.events;

import org.jspecify.annotations.NullMarked;
