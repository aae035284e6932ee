package dev.larder.e2e;

import io.fabric8.kubernetes.api.model.events.v1.Event;

/** Tells nodes that were asked in the wrong way from one that only answered late, as any does on a busy machine. */
public final class OnlyLate {
    private OnlyLate() {}

    /** Whether the Event says no more of a node than that. */
    public static boolean says(Event event) {
        return event.getNote().contains("timed out") || event.getNote().contains("no answer within");
    }
}
