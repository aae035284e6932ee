package dev.larder.nodecache.registry;

import dev.larder.nodecache.error.ContentUnknown;
import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.source.Caller;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.source.Listing;
import dev.larder.nodecache.source.ListingRequest;
import dev.larder.nodecache.source.SingleFlight;
import dev.larder.nodecache.source.SourceResult;
import dev.larder.nodecache.source.SourceResult.Audience;
import dev.larder.nodecache.source.SourceResult.Found;
import dev.larder.nodecache.source.SourceResult.NotFound;
import dev.larder.nodecache.source.SourceResult.Unavailable;
import java.time.Clock;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executor;

/**
 * Tag lists (end-8) and referrers (end-12), kept in memory, the least recently used going first, and given by the
 * freshness rule for all tags. Page by page, as the client asks and as the upstream answers.
 */
final class ListHandler {

    private static final long MEMORY_BYTES = 2L << 20;
    private static final int LARGEST_KEPT = 512 * 1024;

    private final PullAccess access;
    private final Clock clock;
    private final SingleFlight<Question, SourceResult<Listing>> flights;

    /** Guarded by itself. */
    private final LinkedHashMap<Page, Kept> kept = new LinkedHashMap<>(16, 0.75f, true);

    /** Guarded by {@link #kept}. */
    private long keptBytes;

    /** One page of a list of a repository's. */
    record Page(RepositoryKey key, ListingRequest wanted) {}

    private record Question(Page page, Caller caller) {
        @Override
        public String toString() {
            return "a list of " + page.key();
        }
    }

    private record Kept(Listing listing, java.time.Instant at) {}

    ListHandler(PullAccess access, Clock clock, Executor threads) {
        this.access = access;
        this.clock = clock;
        this.flights = new SingleFlight<>(threads);
    }

    RegistryResponse serve(CachedRegistry registry, Page page, RegistryRequest request) throws InterruptedException {
        TagFreshness rule = registry.listFreshness();
        Optional<Kept> held = find(page);
        if (held.isPresent() && access.isOpen(registry, page.key(), request.caller())) {
            Duration age = age(held.get());
            if (rule.isFresh(age)) {
                return answer(request, held.get(), Outcome.HIT, Staleness.NONE);
            }
            if (rule.maySkipWaiting(age)) {
                Question again = new Question(page, access.whoRefreshes(registry, page.key(), request.caller()));
                var _ = flights.start(again, () -> ask(registry, again, rule, true));
                return answer(request, held.get(), Outcome.STALE, Staleness.WHILE_REVALIDATE);
            }
        }
        return revalidate(registry, new Question(page, request.caller()), request, held);
    }

    private RegistryResponse revalidate(
            CachedRegistry registry, Question question, RegistryRequest request, Optional<Kept> held)
            throws InterruptedException {
        TagFreshness rule = registry.listFreshness();
        RepositoryKey key = question.page().key();
        Optional<Kept> standIn =
                held.filter(k -> access.wasOpen(registry, key, question.caller()) && rule.mayStandIn(age(k)));
        Duration wait = standIn.isPresent()
                ? registry.policy().firstByteWarm()
                : registry.policy().firstByteCold();
        SourceResult<Listing> result;
        try {
            result = flights.get(question, Deadline.in(wait), () -> ask(registry, question, rule, standIn.isPresent()));
        } catch (UpstreamFailure timeout) {
            result = new Unavailable<>(timeout);
        }
        return switch (result) {
            case Found<Listing>(Listing listing, var _) ->
                answer(request, new Kept(listing, clock.instant()), Outcome.UPSTREAM, Staleness.NONE);
            case NotFound<Listing>(String message) -> {
                if (rule.serveDeleted() && standIn.isPresent()) {
                    yield answer(request, standIn.get(), Outcome.STALE, Staleness.DELETED);
                }
                throw new ContentUnknown(ContentUnknown.Kind.REPOSITORY, key + ": " + message);
            }
            case Unavailable<Listing>(UpstreamFailure failure) -> {
                if (standIn.isPresent() && TagResolver.standsInFor(failure)) {
                    yield answer(request, standIn.get(), Outcome.STALE, Staleness.IF_ERROR);
                }
                throw failure;
            }
        };
    }

    private SourceResult<Listing> ask(CachedRegistry registry, Question question, TagFreshness rule, boolean frugally)
            throws InterruptedException {
        Page page = question.page();
        SourceResult<Listing> result = registry.source()
                .list(
                        page.wanted(),
                        question.caller().frugally(frugally),
                        Deadline.in(registry.policy().firstByteCold()));
        switch (result) {
            case Found<Listing>(Listing listing, Audience audience) -> {
                access.sawList(registry, page.key(), audience, question.caller());
                keep(page, new Kept(listing, clock.instant()));
            }
            case Unavailable<Listing>(UpstreamFailure failure) ->
                access.notGiven(registry, page.key(), failure, question.caller());
            case NotFound<Listing> _ -> {
                if (!rule.serveDeleted()) {
                    forget(page);
                }
            }
        }
        return result;
    }

    private RegistryResponse answer(RegistryRequest request, Kept list, Outcome outcome, Staleness staleness) {
        byte[] bytes = list.listing().bytes();
        Map<String, String> headers = new TreeMap<>(list.listing().headers());
        Headers.age(headers, age(list), staleness);
        return new RegistryResponse(
                headers, request.head() ? new Body.Empty(bytes.length) : new Body.Bytes(bytes), outcome);
    }

    private Optional<Kept> find(Page page) {
        synchronized (kept) {
            return Optional.ofNullable(kept.get(page));
        }
    }

    private void keep(Page page, Kept list) {
        synchronized (kept) {
            forget(page);
            if (weight(list) > LARGEST_KEPT) {
                return;
            }
            kept.put(page, list);
            keptBytes += weight(list);
            Iterator<Kept> oldest = kept.values().iterator();
            while (keptBytes > MEMORY_BYTES) {
                keptBytes -= weight(oldest.next());
                oldest.remove();
            }
        }
    }

    private void forget(Page page) {
        synchronized (kept) {
            Kept old = kept.remove(page);
            keptBytes -= old == null ? 0 : weight(old);
        }
    }

    /** With something for the key and the headers, which clients and upstreams choose the length of. */
    private static long weight(Kept list) {
        return list.listing().bytes().length + 16 * 1024L;
    }

    private Duration age(Kept list) {
        Duration age = Duration.between(list.at(), clock.instant());
        return age.isNegative() ? Duration.ZERO : age;
    }
}
