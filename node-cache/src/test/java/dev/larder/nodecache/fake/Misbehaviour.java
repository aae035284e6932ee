package dev.larder.nodecache.fake;

import java.util.concurrent.atomic.AtomicInteger;

/** What a {@link FakeRegistry} does wrong, apart from logins. All at rest by default; set from a test, read by its threads. */
public final class Misbehaviour {

    /** Answers this to everything but logins; 0 for none. */
    public volatile int status;
    /** Takes the request and says nothing. */
    public volatile boolean hang;
    /** Ends so many blob answers after {@link #cutAfter} bytes. */
    public final AtomicInteger cuts = new AtomicInteger();

    public volatile int cutAfter;
    /** Changes one byte in the middle of each blob and manifest. */
    public volatile boolean corrupt;
    /** Ignores Range. */
    public volatile boolean noRange;
    /** Sends blobs without Content-Length. */
    public volatile boolean chunked;
    /** Leaves Docker-Content-Digest and Content-Length off HEAD answers for manifests. */
    public volatile boolean terseHead;
    /** Announces one byte less than the blob has. */
    public volatile boolean shortLength;
    /** Pauses so long after each piece of a blob. */
    public volatile int pauseMillis;
    /** Sends each blob request there, with the path appended. */
    public volatile String redirectTo = "";
    /** Redirects to itself for ever. */
    public volatile boolean redirectLoop;
    /** Hangs in each blob answer after so many bytes of it; negative for never. */
    public volatile int stallAfter = -1;

    void reset() {
        status = 0;
        hang = false;
        cuts.set(0);
        corrupt = false;
        noRange = false;
        chunked = false;
        terseHead = false;
        shortLength = false;
        pauseMillis = 0;
        redirectTo = "";
        redirectLoop = false;
        stallAfter = -1;
    }
}
