/**
 * The packaged operator against a real API server: a real schema, server-side apply and RBAC, without nodes. The tests play
 * the kubelets and the node caches, so that each fault of theirs can be had at will.
 */
@NullMarked
package dev.larder.e2e.operator;

import org.jspecify.annotations.NullMarked;
