package dev.larder.operator.cloud;

/** A cloud gave no login. The message is for people: what it said, without anything secret, and the remedy. */
public final class CloudFailure extends Exception {

    private static final long serialVersionUID = 1L;

    CloudFailure(String message) {
        super(message);
    }

    CloudFailure(String message, Throwable cause) {
        super(message, cause);
    }

    String text() {
        return String.valueOf(getMessage());
    }
}
