package dev.larder.nodecache.fake;

import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;

/** What a {@link FakeRegistry} does wrong, apart from logins. All at rest by default; set from a test, read by its threads. */
public final class Misbehaviour {

    private final ConcurrentLinkedDeque<BlobAnswer> blobAnswers = new ConcurrentLinkedDeque<>();

    /** Answers this to everything but logins; 0 for none. */
    public volatile int status;
    /** What goes with {@link #status}. */
    public volatile String retryAfter = "1";
    /** Docker Hub's header on manifests. */
    public volatile String rateLimitRemaining = "76;w=21600";
    /** The limit that it is left of. */
    public volatile String rateLimit = "100;w=21600";
    /** Takes the request and says nothing. */
    public volatile boolean hang;
    /** Ends so many blob answers after {@link #cutAfter} bytes. */
    public final AtomicInteger cuts = new AtomicInteger();

    public volatile int cutAfter;
    /** Changes one byte in the middle of each blob and manifest. */
    public volatile boolean corrupt;
    /** Sends blobs without Content-Length. */
    public volatile boolean chunked;
    /** Leaves Docker-Content-Digest and Content-Length off HEAD answers for manifests. */
    public volatile boolean terseHead;
    /** Pauses so long after each piece of a blob. */
    public volatile int pauseMillis;
    /** Sends each blob request there, with the path appended. */
    public volatile String redirectTo = "";
    /** Redirects to itself for ever. */
    public volatile boolean redirectLoop;

    /** How the coming requests for a blob are answered, each in turn; the last of them goes on for ever. */
    public void answerBlobs(BlobAnswer... inTurn) {
        blobAnswers.clear();
        blobAnswers.addAll(List.of(inTurn));
    }

    BlobAnswer nextBlobAnswer() {
        BlobAnswer planned = blobAnswers.size() > 1 ? blobAnswers.poll() : blobAnswers.peek();
        if (planned != null) {
            return planned;
        }
        boolean cut = cuts.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
        BlobAnswer answer = cut ? BlobAnswer.cutAfter(cutAfter) : BlobAnswer.right();
        if (corrupt) {
            answer.of(BlobAnswer::flipped);
        }
        return chunked ? answer.withoutLength().pausing(pauseMillis) : answer.pausing(pauseMillis);
    }

    void reset() {
        blobAnswers.clear();
        status = 0;
        retryAfter = "1";
        rateLimitRemaining = "76;w=21600";
        rateLimit = "100;w=21600";
        hang = false;
        cuts.set(0);
        corrupt = false;
        chunked = false;
        terseHead = false;
        pauseMillis = 0;
        redirectTo = "";
        redirectLoop = false;
    }
}
