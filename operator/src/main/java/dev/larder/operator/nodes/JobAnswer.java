package dev.larder.operator.nodes;

import java.util.List;

/** What a node cache said about an upstream, or of what it was to do at a target. */
public sealed interface JobAnswer {

    record Tags(List<String> tags) implements JobAnswer {
        public Tags {
            tags = List.copyOf(tags);
        }
    }

    record Manifest(String digest) implements JobAnswer {}

    /**
     * How far a copy is.
     *
     * @param done whether it has ended, well
     * @param bytes sent so far
     */
    record Copying(boolean done, long bytes) implements JobAnswer {}

    /** @param outcome GONE, CHANGED, WANTED or REFUSED */
    record Untagged(String outcome) implements JobAnswer {}

    /** @param reason why it is not signed; empty when it is */
    record Verified(boolean signed, String reason) implements JobAnswer {}

    /** The upstream is well and does not have it. */
    record Absent(String message) implements JobAnswer {}

    /** The upstream wants credentials, or refuses those it has got. */
    record Refused(String message) implements JobAnswer {}

    /**
     * Nothing is known.
     *
     * @param byNode whether it is the node cache that could not be asked, so that another one might do
     */
    record Failed(String message, boolean byNode) implements JobAnswer {}
}
