package dev.larder.operator.nodes;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** The short names of all tags that a node waits for; two tags may share one. Immutable. */
public final class WaitingNames {

    private final int[] sorted;

    /** @param names four bytes each, big-endian */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public WaitingNames(byte[] names) {
        sorted = new int[names.length / Integer.BYTES];
        ByteBuffer.wrap(names).asIntBuffer().get(sorted);
        Arrays.sort(sorted);
    }

    public boolean has(int name) {
        return Arrays.binarySearch(sorted, name) >= 0;
    }
}
