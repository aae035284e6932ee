package dev.larder.e2e.images;

import java.io.Serial;

/** An image cannot be built; the message names what failed and what to do about it. */
public final class ImageBuildException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    public ImageBuildException(String message) {
        super(message);
    }

    public ImageBuildException(String message, Throwable cause) {
        super(message, cause);
    }
}
