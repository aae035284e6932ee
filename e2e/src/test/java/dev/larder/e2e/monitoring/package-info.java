/** Tests of the rules, the runbooks and the dashboards. */
@NullMarked
package dev.larder.e2e.monitoring;

import org.jspecify.annotations.NullMarked;
