package dev.larder.nodecache.source;

import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.oci.Accept;
import dev.larder.nodecache.oci.Descriptor;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.Reference;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.source.SourceResult.Found;
import dev.larder.nodecache.source.SourceResult.NotFound;
import dev.larder.nodecache.source.SourceResult.Unavailable;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Several sources as one: tried in order, the first that has the content wins. Each try gets its share of the deadline. One
 * that was in trouble a moment ago comes last, until it answers again when it is probed; and for an hour, for a blob of which
 * it sent wrong bytes.
 *
 * <p>A client's Authorization goes to one source only: the challenger, which is the first that ever wanted one. No other's
 * challenge is shown to clients.
 */
public final class SourceChain implements ContentSource {

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);
    // An answer is soon asked for again; a body that stalled has cost a pull a good part of a minute.
    private static final Duration FIRST_BODY_PAUSE = Duration.ofSeconds(30);
    private static final Duration LONGEST_BODY_PAUSE = Duration.ofMinutes(5);

    private static final Duration ROTTEN_FOR = Duration.ofHours(1);
    private static final int MAX_ROTTEN = 1000;

    private final List<Member> sources;
    private final FirstByteBudget budget;
    /** Who sent wrong bytes for which blob: this outlasts the pauses, and other bodies that were right. */
    private final BriefMemory<Rotten, Boolean> rotten;

    private final AtomicReference<@Nullable ContentSource> challenger = new AtomicReference<>();

    /**
     * One source and how it did.
     *
     * @param index its place in the list
     * @param answers opens when it did not answer
     * @param bodies opens when what it had begun to send was of no use
     */
    private record Member(int index, ContentSource source, Breaker answers, Breaker bodies) {}

    private record Rotten(int index, Digest digest) {}

    /**
     * What one source said.
     *
     * @param weight of several answers without the content, the heaviest is the client's
     */
    private record Said<T>(SourceResult<T> result, Weight weight) {}

    private enum Weight {
        ABSENT,
        /** A challenge that is not shown, since what clients have is for another source. */
        FOR_OTHERS,
        /** The source might have had it. */
        TROUBLE,
        CHALLENGE
    }

    /**
     * Tries them in this order.
     *
     * @param sources not empty
     * @param budget made for the same sources
     */
    public SourceChain(List<? extends ContentSource> sources, FirstByteBudget budget, Clock clock) {
        this.budget = budget;
        this.rotten = new BriefMemory<>(clock, ROTTEN_FOR, MAX_ROTTEN);
        this.sources = IntStream.range(0, sources.size())
                .mapToObj(i -> new Member(
                        i,
                        sources.get(i),
                        new Breaker(clock, 1, FIRST_PAUSE, LONGEST_PAUSE),
                        new Breaker(clock, 1, FIRST_BODY_PAUSE, LONGEST_BODY_PAUSE)))
                .toList();
    }

    @Override
    public Optional<RepositoryName> nameInTokens(RepositoryName repository) {
        List<Optional<RepositoryName>> names = sources.stream()
                .map(member -> member.source().nameInTokens(repository))
                .distinct()
                .toList();
        return names.size() == 1 ? names.getFirst() : Optional.empty();
    }

    @Override
    public SourceResult<Descriptor> headManifest(
            RepositoryName repository, Reference reference, Accept accept, Caller caller, Deadline deadline)
            throws InterruptedException {
        return firstFound(caller, deadline, (s, c, d) -> s.headManifest(repository, reference, accept, c, d));
    }

    @Override
    public SourceResult<FetchedManifest> getManifest(
            RepositoryName repository, Reference reference, Accept accept, Caller caller, Deadline deadline)
            throws InterruptedException {
        return firstFound(caller, deadline, (s, c, d) -> s.getManifest(repository, reference, accept, c, d));
    }

    @Override
    public SourceResult<Long> headBlob(RepositoryName repository, Digest digest, Caller caller, Deadline deadline)
            throws InterruptedException {
        return firstFound(caller, deadline, (s, c, d) -> s.headBlob(repository, digest, c, d));
    }

    @Override
    public SourceResult<BlobStream> openBlob(
            RepositoryName repository, Digest digest, long offset, Caller caller, Deadline deadline)
            throws InterruptedException {
        return firstFound(
                byRot(digest),
                caller,
                deadline,
                member -> !isRotten(member, digest)
                        && member.bodies().allows()
                        && member.answers().allows(),
                (member, c, d) -> watched(member, digest, member.source().openBlob(repository, digest, offset, c, d)));
    }

    /** Also of those that are put off, one whose bytes were wrong comes last. */
    private List<Member> byRot(Digest digest) {
        List<Member> order = new ArrayList<>();
        List<Member> rotted = new ArrayList<>();
        sources.forEach(member -> (isRotten(member, digest) ? rotted : order).add(member));
        order.addAll(rotted);
        return order;
    }

    private boolean isRotten(Member member, Digest digest) {
        return rotten.find(new Rotten(member.index(), digest)).isPresent();
    }

    @Override
    public SourceResult<Listing> list(ListingRequest request, Caller caller, Deadline deadline)
            throws InterruptedException {
        return firstFound(caller, deadline, (s, c, d) -> s.list(request, c, d));
    }

    private interface Try<T> {
        SourceResult<T> on(ContentSource source, Caller caller, Deadline deadline) throws InterruptedException;
    }

    private SourceResult<BlobStream> watched(Member member, Digest digest, SourceResult<BlobStream> result) {
        return result instanceof Found<BlobStream>(BlobStream stream, SourceResult.Audience audience)
                ? new Found<>(
                        new Watched(
                                stream, member.bodies(), () -> rotten.put(new Rotten(member.index(), digest), true)),
                        audience)
                : result;
    }

    /** Tells the memory how the body went. */
    private record Watched(BlobStream stream, Breaker bodies, Runnable onWrongBytes) implements BlobStream {
        @Override
        public String host() {
            return stream.host();
        }

        @Override
        public long offset() {
            return stream.offset();
        }

        @Override
        public OptionalLong totalSize() {
            return stream.totalSize();
        }

        @Override
        public Duration idle() {
            return stream.idle();
        }

        @Override
        public @Nullable ByteBuffer read(Duration patience) throws InterruptedException {
            ByteBuffer piece = stream.read(patience);
            if (piece == null) {
                bodies.succeeded();
            }
            return piece;
        }

        @Override
        public boolean hasMore() {
            return stream.hasMore();
        }

        @Override
        public void blame(Fault fault) {
            bodies.failed();
            if (fault == Fault.WRONG_BYTES) {
                onWrongBytes.run();
            }
        }

        @Override
        public void close() {
            stream.close();
        }
    }

    private <T> SourceResult<T> firstFound(Caller caller, Deadline deadline, Try<T> attempt)
            throws InterruptedException {
        return firstFound(
                sources,
                caller,
                deadline,
                member -> member.answers().allows(),
                (m, c, d) -> attempt.on(m.source(), c, d));
    }

    private interface TryMember<T> {
        SourceResult<T> on(Member member, Caller caller, Deadline deadline) throws InterruptedException;
    }

    private <T> SourceResult<T> firstFound(
            List<Member> order, Caller caller, Deadline deadline, Predicate<Member> isWell, TryMember<T> attempt)
            throws InterruptedException {
        @Nullable Said<T> gravest = null;
        List<Integer> left =
                new ArrayList<>(IntStream.range(0, sources.size()).boxed().toList());
        List<Integer> putOff = new ArrayList<>();
        for (Member member : order) {
            if (!isWell.test(member)) {
                putOff.add(member.index());
                continue;
            }
            Said<T> said = ask(member, caller, share(member, deadline, left, putOff), attempt);
            if (said.result() instanceof Found) {
                return said.result();
            }
            gravest = graver(gravest, said);
        }
        for (int index : putOff) {
            Member member = sources.get(index);
            Said<T> said = ask(member, caller, share(member, deadline, left, List.of()), attempt);
            if (said.result() instanceof Found) {
                return said.result();
            }
            gravest = graver(gravest, said);
        }
        return Objects.requireNonNull(gravest, "there is a source").result();
    }

    private Deadline share(Member member, Deadline deadline, List<Integer> left, List<Integer> putOff) {
        left.remove(Integer.valueOf(member.index()));
        return budget.of(member.index(), deadline, left, putOff);
    }

    private <T> Said<T> ask(Member member, Caller caller, Deadline share, TryMember<T> attempt)
            throws InterruptedException {
        ContentSource source = member.source();
        boolean known = isKnownTo(source, caller);
        boolean forOthers = false;
        SourceResult<T> result = attempt.on(member, known ? caller : caller.asNobody(), share);
        if (isChallenge(result) && !known) {
            boolean first = challenger.compareAndSet(null, source);
            if (caller.authorization() != null) {
                // The first challenge ever seen: what the client holds can only be meant for it, and for no other.
                result = first ? attempt.on(member, caller, share) : new NotFound<>("it is for other callers");
            } else if (source != challenger.get()) {
                // Whoever answered it would show the challenger what is meant for this source.
                forOthers = true;
                result = refused(result);
            }
        }
        if (result instanceof Unavailable<?> u
                && u.failure().kind().isUpstreamsFault()
                && !isOnlyKeptForOthers(u.failure(), caller)) {
            member.answers().failed();
        } else {
            member.answers().succeeded();
        }
        return new Said<>(result, forOthers ? Weight.FOR_OTHERS : weight(result));
    }

    /** What is left of a rate limit is for who has nothing to fall back on: they had better still ask this source first. */
    private static boolean isOnlyKeptForOthers(UpstreamFailure failure, Caller caller) {
        return caller.frugal() && failure.kind() == UpstreamFailure.Kind.THROTTLED;
    }

    private boolean isKnownTo(ContentSource source, Caller caller) {
        return sources.size() == 1 || (caller.authorization() != null && source == challenger.get());
    }

    private static boolean isChallenge(SourceResult<?> result) {
        return result instanceof Unavailable<?> u && u.failure().kind() == UpstreamFailure.Kind.UNAUTHORIZED;
    }

    /** A refusal and no absence: what had been open to everyone is so no more. */
    private static <T> SourceResult<T> refused(SourceResult<T> challenge) {
        return challenge instanceof Unavailable<T>(UpstreamFailure failure)
                ? new Unavailable<>(new UpstreamFailure(
                        UpstreamFailure.Kind.DENIED,
                        failure.host(),
                        failure.host() + " wants credentials; what clients have is for another upstream"))
                : challenge;
    }

    private static <T> Said<T> graver(@Nullable Said<T> before, Said<T> now) {
        return before == null || now.weight().compareTo(before.weight()) > 0 ? now : before;
    }

    private static Weight weight(SourceResult<?> result) {
        if (!(result instanceof Unavailable)) {
            return Weight.ABSENT;
        }
        return isChallenge(result) ? Weight.CHALLENGE : Weight.TROUBLE;
    }
}
