package dev.larder.e2e.process;

/** A command did not do what it was run for. The message holds the command line, the reason and the end of its output. */
public final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    public CommandFailure(String message) {
        super(message);
    }

    public CommandFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
