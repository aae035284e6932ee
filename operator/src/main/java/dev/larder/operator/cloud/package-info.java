/**
 * Short-lived registry logins of cloud identities: ECR's, Google's and ACR's, got from each cloud in its own way and renewed
 * ahead. Knows neither Kubernetes nor our custom resources; what becomes of a login is the caller's affair. Start with
 * {@code CloudLogins}.
 */
@NullMarked
package dev.larder.operator.cloud;

import org.jspecify.annotations.NullMarked;
