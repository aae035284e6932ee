package dev.larder.nodecache.log;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.KeyValuePair;
import org.slf4j.event.Level;
import org.slf4j.event.LoggingEvent;
import org.slf4j.helpers.AbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.spi.LoggingEventAware;

/** One logger's name and level; every event becomes one line. */
final class JsonLogger extends AbstractLogger implements LoggingEventAware {

    private static final long serialVersionUID = 1L;

    private final Level level;
    private final transient LogLines lines;

    JsonLogger(String name, Level level, LogLines lines) {
        this.name = name;
        this.level = level;
        this.lines = lines;
    }

    @Override
    public void log(LoggingEvent event) {
        List<Object> arguments = event.getArguments();
        write(
                event.getLevel(),
                event.getMessage(),
                arguments == null ? null : arguments.toArray(),
                event.getKeyValuePairs(),
                event.getThrowable());
    }

    @Override
    protected void handleNormalizedLoggingCall(
            Level at,
            @Nullable Marker marker,
            String message,
            Object @Nullable [] arguments,
            @Nullable Throwable cause) {
        write(at, message, arguments, null, cause);
    }

    private void write(
            Level at,
            @Nullable String message,
            Object @Nullable [] arguments,
            @Nullable List<KeyValuePair> pairs,
            @Nullable Throwable cause) {
        JsonLine line = new JsonLine(at, name, String.valueOf(MessageFormatter.basicArrayFormat(message, arguments)));
        if (pairs != null) {
            pairs.forEach(pair -> line.putAny(pair.key, pair.value));
        }
        if (cause != null) {
            StringWriter trace = new StringWriter();
            cause.printStackTrace(new PrintWriter(trace));
            line.put("exception", trace.toString());
        }
        lines.add(line);
    }

    @Override
    protected @Nullable String getFullyQualifiedCallerName() {
        return null;
    }

    private boolean isOn(Level wanted) {
        return wanted.toInt() >= level.toInt();
    }

    @Override
    public boolean isTraceEnabled() {
        return isOn(Level.TRACE);
    }

    @Override
    public boolean isTraceEnabled(Marker marker) {
        return isOn(Level.TRACE);
    }

    @Override
    public boolean isDebugEnabled() {
        return isOn(Level.DEBUG);
    }

    @Override
    public boolean isDebugEnabled(Marker marker) {
        return isOn(Level.DEBUG);
    }

    @Override
    public boolean isInfoEnabled() {
        return isOn(Level.INFO);
    }

    @Override
    public boolean isInfoEnabled(Marker marker) {
        return isOn(Level.INFO);
    }

    @Override
    public boolean isWarnEnabled() {
        return isOn(Level.WARN);
    }

    @Override
    public boolean isWarnEnabled(Marker marker) {
        return isOn(Level.WARN);
    }

    @Override
    public boolean isErrorEnabled() {
        return isOn(Level.ERROR);
    }

    @Override
    public boolean isErrorEnabled(Marker marker) {
        return isOn(Level.ERROR);
    }
}
