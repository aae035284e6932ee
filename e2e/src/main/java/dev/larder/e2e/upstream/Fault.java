package dev.larder.e2e.upstream;

import java.util.Map;

/** A way for an upstream to fail a request. */
public sealed interface Fault {
    /** Answers at once with an error and these headers, without asking the registry. */
    record Answer(int status, Map<String, String> headers) implements Fault {
        public Answer {
            headers = Map.copyOf(headers);
        }

        public static Answer of(int status) {
            return new Answer(status, Map.of());
        }
    }

    /** Takes the request and says nothing until the fault is lifted. */
    record Hang() implements Fault {}

    /** Promises the whole body, sends so many bytes of it and closes the connection. */
    record Cut(long afterBytes) implements Fault {}

    /** Sends so many bytes of the body and then nothing until the fault is lifted. */
    record Stall(long afterBytes) implements Fault {}

    /** Sends the body with one byte changed in its middle. */
    record Corrupt() implements Fault {}

    /** Sends the body at this rate. */
    record Slow(long bytesPerSecond) implements Fault {}
}
