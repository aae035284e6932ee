/** What {@code helm test} runs: does the operator work, and are the resources Ready? Nothing else uses it. */
@NullMarked
package dev.larder.operator.installation;

import org.jspecify.annotations.NullMarked;
