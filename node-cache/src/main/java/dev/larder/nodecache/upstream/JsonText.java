package dev.larder.nodecache.upstream;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.function.Supplier;

/** Reads JSON objects that somebody else has written. */
public final class JsonText {

    private JsonText() {}

    /**
     * The object that the text is.
     *
     * @throws DecodeException when it is none, and when it is nested deeper than this thread's stack: the parser goes down a
     *     thousand levels, more than a small stack holds
     */
    public static JsonObject object(String text) {
        return read(() -> new JsonObject(text));
    }

    /** The same of UTF-8. */
    public static JsonObject object(Buffer text) {
        return read(() -> new JsonObject(text));
    }

    private static JsonObject read(Supplier<JsonObject> reading) {
        try {
            return reading.get();
        } catch (StackOverflowError e) {
            throw new DecodeException("nested too deep");
        }
    }
}
