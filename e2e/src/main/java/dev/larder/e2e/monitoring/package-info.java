/** A real Prometheus beside a cluster, with the rules and the scrape configuration of deploy/prometheus. */
@NullMarked
package dev.larder.e2e.monitoring;

import org.jspecify.annotations.NullMarked;
