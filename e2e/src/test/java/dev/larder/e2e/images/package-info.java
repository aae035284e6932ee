/** The image builder with a program of the test's own, and the two images as they are shipped. */
@NullMarked
package dev.larder.e2e.images;

import org.jspecify.annotations.NullMarked;
