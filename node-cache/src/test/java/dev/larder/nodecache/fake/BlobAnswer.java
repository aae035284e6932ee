package dev.larder.nodecache.fake;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;

/** One answer of a {@link FakeRegistry} to a GET of a blob: right in every point but those that a test changes. */
public final class BlobAnswer {

    private static final int PIECE = 32 * 1024;

    private boolean silentFromTheStart;
    private boolean hangs;
    private int endsAfter = Integer.MAX_VALUE;
    private boolean ignoresRange;
    private int rangeShift;
    private int totalShift;
    private int lengthShift;
    private boolean chunked;
    private int status;
    private int pauseMillis;
    private Duration before = Duration.ZERO;
    private int silentAt = Integer.MAX_VALUE;
    private Duration silence = Duration.ZERO;
    private CountDownLatch gate = new CountDownLatch(0);
    private UnaryOperator<byte[]> change = UnaryOperator.identity();
    private final Map<String, String> headers = new LinkedHashMap<>(Map.of("Content-Type", "application/octet-stream"));

    public static BlobAnswer right() {
        return new BlobAnswer();
    }

    /** Closes the connection after so many bytes of this answer's body. */
    public static BlobAnswer cutAfter(int bytes) {
        BlobAnswer answer = new BlobAnswer();
        answer.endsAfter = bytes;
        return answer;
    }

    /** Says nothing more after so many bytes of this answer's body. */
    public static BlobAnswer stallAfter(int bytes) {
        BlobAnswer answer = cutAfter(bytes);
        answer.hangs = true;
        return answer;
    }

    /** Closes the connection instead of answering. */
    public static BlobAnswer closed() {
        BlobAnswer answer = new BlobAnswer();
        answer.silentFromTheStart = true;
        return answer;
    }

    /** Takes the request and says nothing. */
    public static BlobAnswer hung() {
        BlobAnswer answer = closed();
        answer.hangs = true;
        return answer;
    }

    public static BlobAnswer status(int status) {
        BlobAnswer answer = new BlobAnswer();
        answer.status = status;
        return answer;
    }

    /** The same bytes but for one bit in the middle. */
    public static byte[] flipped(byte[] content) {
        byte[] changed = content.clone();
        if (changed.length > 0) {
            changed[changed.length / 2] ^= 1;
        }
        return changed;
    }

    /** Sends other bytes. */
    public BlobAnswer of(UnaryOperator<byte[]> changed) {
        change = changed;
        return this;
    }

    public BlobAnswer header(String name, String value) {
        headers.put(name, value);
        return this;
    }

    /** Sends the whole blob whatever was asked for. */
    public BlobAnswer ignoringRange() {
        ignoresRange = true;
        return this;
    }

    /** Starts so many bytes later than was asked for, or earlier, and says so. */
    public BlobAnswer startingBeside(int bytes) {
        rangeShift = bytes;
        return this;
    }

    /** Says in Content-Range that the whole is so much longer. */
    public BlobAnswer claimingTotalPlus(int bytes) {
        totalShift = bytes;
        return this;
    }

    /** Says a Content-Length that is off by so much. */
    public BlobAnswer claimingLengthPlus(int bytes) {
        lengthShift = bytes;
        return this;
    }

    public BlobAnswer withoutLength() {
        chunked = true;
        return this;
    }

    /** Pauses after each 32 KiB. */
    public BlobAnswer pausing(int millis) {
        pauseMillis = millis;
        return this;
    }

    /** Begins to answer so late. */
    public BlobAnswer after(Duration wait) {
        before = wait;
        return this;
    }

    /** Is silent for a while after so many bytes, and then goes on. */
    public BlobAnswer silentAfter(int bytes, Duration wait) {
        silentAt = bytes;
        silence = wait;
        return this;
    }

    /** Sends the headers, and the body only when the gate is opened. */
    public BlobAnswer heldBy(CountDownLatch closedGate) {
        gate = closedGate;
        return this;
    }

    /** @return whether the connection may be used again */
    boolean send(String range, byte[] stored, OutputStream out) throws IOException, InterruptedException {
        if (silentFromTheStart) {
            return silence();
        }
        Thread.sleep(before);
        byte[] content = change.apply(stored);
        boolean partial = range.startsWith("bytes=") && !ignoresRange;
        int from = partial ? Integer.parseInt(range.substring(6, range.indexOf('-'))) + rangeShift : 0;
        StringBuilder head = new StringBuilder("HTTP/1.1 ")
                .append(status != 0 ? status : partial ? 206 : 200)
                .append(" X\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        if (partial) {
            head.append("Content-Range: bytes %d-%d/%d\r\n"
                    .formatted(from, content.length - 1, content.length + totalShift));
        }
        head.append(
                chunked ? "Transfer-Encoding: chunked" : "Content-Length: " + (content.length - from + lengthShift));
        out.write(head.append("\r\n\r\n").toString().getBytes(StandardCharsets.UTF_8));
        out.flush();
        gate.await();
        return body(content, from, out);
    }

    private boolean body(byte[] content, int from, OutputStream out) throws IOException, InterruptedException {
        int end = (int) Math.min(content.length, (long) from + endsAfter);
        for (int at = from; at < end; at += PIECE) {
            int count = Math.min(PIECE, end - at);
            if (at <= silentAt && silentAt < at + count) {
                Thread.sleep(silence);
            }
            if (chunked) {
                out.write((Integer.toHexString(count) + "\r\n").getBytes(StandardCharsets.UTF_8));
            }
            out.write(content, at, count);
            if (chunked) {
                out.write("\r\n".getBytes(StandardCharsets.UTF_8));
            }
            out.flush();
            if (pauseMillis > 0) {
                Thread.sleep(pauseMillis);
            }
        }
        if (endsAfter != Integer.MAX_VALUE) {
            return silence();
        }
        if (chunked) {
            out.write("0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        }
        // What was promised and is not there can only be told by closing.
        return lengthShift == 0;
    }

    private boolean silence() throws InterruptedException {
        if (hangs) {
            new CountDownLatch(1).await();
        }
        return false;
    }
}
