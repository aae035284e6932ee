package dev.larder.nodecache.fill;

import dev.larder.nodecache.error.CacheException;
import dev.larder.nodecache.error.StoreFailure;
import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.source.BlobStream;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.store.PartialBlob;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One download's progress, between the thread that writes and those that read behind it. All fields are guarded by
 * {@link #lock}; no I/O happens under it.
 *
 * <pre>
 * WAITING ──opened──▶ RUNNING ──verified──▶ VERIFIED
 *    │                   ├──failed──▶ FAILED
 *    └─────diskless──────┴──diskless▶ DISKLESS     the disk gave up: readers go on by themselves from there
 * </pre>
 */
final class Fill {

    /** Where the download stands. */
    enum State {
        WAITING,
        RUNNING,
        VERIFIED,
        FAILED,
        DISKLESS
    }

    /** How far a reader may read, and what comes after that. */
    record View(
            State state,
            long written,
            OptionalLong size,
            @Nullable CacheException failure) {}

    /** The rate of less says too little. */
    private static final double KNOWN_AFTER_SECONDS = 1;

    private static final double MAY_BECOME_FASTER = 2;

    private final FillRequest request;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    private State state = State.WAITING;
    private OptionalLong size = OptionalLong.empty();
    private long written;
    /** By {@link System#nanoTime}. */
    private long opened;

    private @Nullable CacheException failure;
    private @Nullable PartialBlob file;
    private int users = 1;
    private @Nullable MessageDigest hashSoFar;
    private @Nullable BlobStream rest;
    private @Nullable DiskStep diskStep;
    private boolean hurried;

    /**
     * What the writer has while it is at the disk and touches none of it: all that others need to go on without.
     *
     * @param began by {@link System#nanoTime}
     * @param hash of what is {@code written} already
     */
    record DiskStep(long began, MessageDigest hash, long written, OptionalLong size, BlobStream stream) {}

    Fill(FillRequest request) {
        this.request = request;
    }

    FillRequest request() {
        return request;
    }

    void opened(PartialBlob partial, OptionalLong totalSize) {
        update(() -> {
            file = partial;
            size = totalSize;
            opened = System.nanoTime();
            state = State.RUNNING;
        });
    }

    void progress(long nowWritten) {
        update(() -> written = nowWritten);
    }

    /** Somebody waits for it: the request's bound counts no more. */
    void hurry() {
        update(() -> hurried = true);
    }

    /** For the writer, between pieces. Returns early, or at once, when somebody waits for the blob. */
    void pause(Duration wait) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = wait.toNanos();
            while (left > 0 && !hurried) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Without waiting. */
    View now() {
        lock.lock();
        try {
            return new View(state, written, size, failure);
        } finally {
            lock.unlock();
        }
    }

    void verified() {
        update(() -> {
            size = OptionalLong.of(written);
            state = State.VERIFIED;
        });
    }

    /** Nothing more will come; ignored when the fill is over already. */
    void failed(CacheException why) {
        update(() -> {
            if (!isOver()) {
                failure = why;
                state = State.FAILED;
            }
        });
    }

    /**
     * The disk took no more; ignored when the fill is over already.
     *
     * @param unread an open stream that continues right there, for the first reader that comes; or null
     */
    void diskless(MessageDigest hash, OptionalLong totalSize, @Nullable BlobStream unread) {
        update(() -> {
            if (!isOver()) {
                hashSoFar = hash;
                size = totalSize;
                rest = unread;
                state = State.DISKLESS;
            }
        });
    }

    /** The writer goes to the disk, and touches neither the hash nor the stream before {@link #fromDisk}. */
    void toDisk(DiskStep step) {
        lock.lock();
        try {
            diskStep = step;
        } finally {
            lock.unlock();
        }
    }

    /** @throws StoreFailure when that took so long that the readers have gone on */
    void fromDisk() {
        lock.lock();
        try {
            diskStep = null;
            if (state == State.DISKLESS) {
                throw new StoreFailure(StoreFailure.Kind.IO, "the disk took too long; the readers have gone on", null);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Lets the readers go on without the disk when the writer has been at it for longer than that.
     *
     * @return whether it did; what the writer still does is of no interest then
     */
    boolean abandonIfStuck(Duration patience) {
        DiskStep stuck;
        lock.lock();
        try {
            stuck = diskStep;
            if (isOver() || stuck == null || System.nanoTime() - stuck.began() < patience.toNanos()) {
                return false;
            }
            hashSoFar = copy(stuck.hash());
            written = stuck.written();
            size = stuck.size();
            state = State.DISKLESS;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        stuck.stream().close();
        return true;
    }

    private void update(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until the size is known or the fill has ended. */
    View awaitSize(Deadline deadline) throws InterruptedException {
        return await(deadline, () -> size.isPresent() || isOver());
    }

    /** @throws UpstreamFailure also as soon as it will not end in time at the rate so far */
    View awaitEnd(Deadline deadline) throws InterruptedException {
        return await(deadline, () -> isOver() || requireInTime(size.orElse(0), deadline));
    }

    /**
     * Waits until something stands beyond {@code position} or the fill has ended.
     *
     * @throws UpstreamFailure also as soon as it will not get there in time at the rate so far
     */
    View awaitStart(long position, Deadline deadline) throws InterruptedException {
        return await(deadline, () -> written > position || isOver() || requireInTime(position, deadline));
    }

    /** Waits until something stands beyond {@code position} or the fill has ended. */
    View awaitBeyond(long position, Deadline deadline) throws InterruptedException {
        return await(deadline, () -> written > position || isOver());
    }

    private boolean isOver() {
        return state == State.VERIFIED || state == State.FAILED || state == State.DISKLESS;
    }

    /** Throws where somebody would wait in vain, who can go to the upstream at once; else false. */
    private boolean requireInTime(long position, Deadline deadline) {
        double seconds = (System.nanoTime() - opened) / 1e9;
        double bytesInTime = written / seconds * deadline.remaining().toMillis() / 1e3;
        if (state == State.RUNNING
                && seconds > KNOWN_AFTER_SECONDS
                && written > 0
                && position - written > bytesInTime * MAY_BECOME_FASTER) {
            throw late("would take too long to get to byte " + position);
        }
        return false;
    }

    private interface Reached {
        boolean now();
    }

    private View await(Deadline deadline, Reached reached) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!reached.now()) {
                long left = deadline.remaining().toNanos();
                if (left <= 0 || (!changed.await(left, TimeUnit.NANOSECONDS) && !reached.now())) {
                    throw late("no answer in time");
                }
            }
            return new View(state, written, size, failure);
        } finally {
            lock.unlock();
        }
    }

    private UpstreamFailure late(String what) {
        return new UpstreamFailure(
                UpstreamFailure.Kind.TIMEOUT,
                request.repository().registry().value(),
                request.digest() + ": " + what + "; the fill goes on, try again later or raise timeouts.firstByteCold");
    }

    /** Keeps the file open for one more reader; every call is paired with {@link #leave}. False when it is too late. */
    boolean enter() {
        lock.lock();
        try {
            if (users == 0) {
                return false;
            }
            users++;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** The last one out closes the file and whatever stream nobody took. */
    void leave() {
        PartialBlob toClose = null;
        BlobStream toGiveUp = null;
        lock.lock();
        try {
            users--;
            if (users == 0) {
                toClose = file;
                toGiveUp = rest;
            }
        } finally {
            lock.unlock();
        }
        if (toGiveUp != null) {
            toGiveUp.close();
        }
        if (toClose != null) {
            toClose.close();
        }
    }

    @Nullable
    PartialBlob file() {
        lock.lock();
        try {
            return file;
        } finally {
            lock.unlock();
        }
    }

    /** A copy of the hash of everything written, once the fill is diskless. */
    MessageDigest hashSoFar() {
        lock.lock();
        try {
            if (hashSoFar == null) {
                throw new IllegalStateException("only a diskless fill hands its hash on");
            }
            return copy(hashSoFar);
        } finally {
            lock.unlock();
        }
    }

    private static MessageDigest copy(MessageDigest hash) {
        try {
            return (MessageDigest) hash.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the platform's SHA-2 can be cloned", e);
        }
    }

    /** The stream that was open when the disk gave up, for one taker. */
    @Nullable
    BlobStream takeRest() {
        lock.lock();
        try {
            BlobStream taken = rest;
            rest = null;
            return taken;
        } finally {
            lock.unlock();
        }
    }
}
