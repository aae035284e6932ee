package dev.larder.e2e.upstream;

/** What happens to a body on its way: says how much of each piece goes out, may change it, may wait. */
@FunctionalInterface
interface BodyFault {
    /** Less than {@code count} ends the body there. {@code offset} is what has gone out before, {@code length} the whole. */
    int apply(byte[] piece, int count, long offset, long length) throws InterruptedException;

    /** A wait that another thread ends. */
    @FunctionalInterface
    interface Wait {
        void await() throws InterruptedException;
    }

    static BodyFault none() {
        return (piece, count, offset, length) -> count;
    }

    static BodyFault cut(long after) {
        return (piece, count, offset, length) -> (int) Math.min(count, Math.max(0, after - offset));
    }

    static BodyFault stall(long after, Wait wait) {
        return (piece, count, offset, length) -> {
            if (offset + count > after) {
                wait.await();
            }
            return count;
        };
    }

    static BodyFault corrupt() {
        return (piece, count, offset, length) -> {
            long middle = length / 2;
            if (offset <= middle && middle < offset + count) {
                piece[(int) (middle - offset)] ^= 1;
            }
            return count;
        };
    }

    static BodyFault slow(long bytesPerSecond) {
        return (piece, count, offset, length) -> {
            Thread.sleep(Math.max(1, count * 1000L / bytesPerSecond));
            return count;
        };
    }
}
