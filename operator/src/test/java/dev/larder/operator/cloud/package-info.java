/** Cloud logins against simulators that speak each cloud's flow. */
@NullMarked
package dev.larder.operator.cloud;

import org.jspecify.annotations.NullMarked;
