/** What {@code helm test} makes of an installation. */
@NullMarked
package dev.larder.operator.installation;

import org.jspecify.annotations.NullMarked;
