package dev.larder.nodecache.registry;

import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.oci.RegistryHost;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.source.BriefMemory;
import dev.larder.nodecache.source.Caller;
import dev.larder.nodecache.source.Identity;
import dev.larder.nodecache.source.Shown;
import dev.larder.nodecache.store.VerdictFile;
import dev.larder.nodecache.store.VerdictRecord;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Which logins an upstream let into which repository, where clients show their login here ({@code access: Exchange}). For
 * {@link Caller#LOGIN_COUNTS_FOR} after the login was last shown to who judges it, nobody is asked; then it is asked again,
 * and while that fails, rather than being refused, the verdict stands up to {@link #STANDS}. A refusal ends it at once, and
 * is repeated for {@link #REFUSED} without asking. Kept over restarts, as keyed hashes ({@link VerdictFile}). Safe for many
 * threads.
 */
final class ExchangeVerdicts implements VerdictFile.Kept {

    static final Duration STANDS = Duration.ofHours(24);
    static final Duration REFUSED = Duration.ofSeconds(60);

    /** After asking in vain, so that an outage costs a pull no more than one wait. */
    static final Duration LEFT_ALONE = Duration.ofSeconds(30);

    static final int CAPACITY = VerdictFile.MAX_RECORDS;

    /** Newer verdicts by less than this change nothing, so that the file is not written for each request. */
    private static final Duration GRAIN = Duration.ofSeconds(30);

    /** What a clock may be put back without the verdicts of the time before seeming to come from the future. */
    private static final Duration CLOCK_STEP = Duration.ofMinutes(1);

    private final Clock clock;
    private final BriefMemory<Entry, Verdict> letIn;
    private final BriefMemory<Entry, UpstreamFailure> refused;

    /** Repositories that somebody was let into, whoever it was, and when last. */
    private final BriefMemory<RepositoryKey, Instant> closed;

    private final AtomicBoolean changed = new AtomicBoolean();

    private record Entry(RepositoryKey repository, Identity who) {}

    /** @param unaskedUntil since asking was in vain a moment ago */
    private record Verdict(Instant since, Instant unaskedUntil) {}

    ExchangeVerdicts(Clock clock) {
        this.clock = clock;
        this.letIn = new BriefMemory<>(clock, STANDS, CAPACITY);
        this.refused = new BriefMemory<>(clock, REFUSED, CAPACITY);
        this.closed = new BriefMemory<>(clock, STANDS, CAPACITY);
    }

    private static @Nullable Entry entry(RepositoryKey repository, Caller caller) {
        Shown shown = caller.shown();
        return shown == null ? null : new Entry(repository, shown.identity());
    }

    private Optional<Verdict> find(RepositoryKey repository, Caller caller) {
        Entry entry = entry(repository, caller);
        return entry == null ? Optional.empty() : letIn.find(entry).filter(verdict -> isPast(verdict.since()));
    }

    private boolean isPast(Instant since) {
        return !since.isAfter(clock.instant().plus(CLOCK_STEP));
    }

    private boolean isRecent(Instant since) {
        return isPast(since) && clock.instant().isBefore(since.plus(Caller.LOGIN_COUNTS_FOR));
    }

    /** Whether the caller was let into the repository, and the upstream need not be asked again yet. */
    boolean admits(RepositoryKey repository, Caller caller) {
        return find(repository, caller)
                .filter(verdict -> isRecent(verdict.since()) || clock.instant().isBefore(verdict.unaskedUntil()))
                .isPresent();
    }

    /** Whether the caller was let in, so that it may have what is here as long as the upstream cannot be asked. */
    boolean stands(RepositoryKey repository, Caller caller) {
        return find(repository, caller).isPresent();
    }

    /** Whether somebody was let into the repository by a verdict that counts without asking. */
    boolean anyLately(RepositoryKey repository) {
        return closed.find(repository).filter(this::isRecent).isPresent();
    }

    /** Whether somebody was let into the repository by a verdict that may still stand. */
    boolean anyStands(RepositoryKey repository) {
        return closed.find(repository).filter(this::isPast).isPresent();
    }

    /** @param since when the login was last shown to who judges it */
    void letIn(RepositoryKey repository, Caller caller, Instant since) {
        Entry entry = entry(repository, caller);
        if (entry == null) {
            return;
        }
        refused.forget(entry);
        Optional<Verdict> before = letIn.find(entry);
        if (before.filter(verdict -> since.isBefore(verdict.since().plus(GRAIN)))
                .isPresent()) {
            return;
        }
        remember(entry, since);
        changed.set(true);
    }

    private void remember(Entry entry, Instant since) {
        letIn.put(entry, new Verdict(since, since), since.plus(STANDS));
        Instant last = closed.find(entry.repository()).filter(since::isBefore).orElse(since);
        closed.put(entry.repository(), last, last.plus(STANDS));
    }

    /** The upstream, or whoever gives tokens for it, could not be asked. */
    void askedInVain(RepositoryKey repository, Caller caller) {
        Entry entry = entry(repository, caller);
        find(repository, caller).ifPresent(verdict -> {
            if (entry != null) {
                Instant until = clock.instant().plus(LEFT_ALONE);
                letIn.put(
                        entry,
                        new Verdict(verdict.since(), until),
                        verdict.since().plus(STANDS));
            }
        });
    }

    /** The upstream would not let the caller in; when the login itself is wrong, it opens nothing there any more. */
    void refused(RepositoryKey repository, Caller caller, UpstreamFailure failure) {
        Entry entry = entry(repository, caller);
        if (entry == null) {
            return;
        }
        RegistryHost registry = repository.registry();
        boolean wrongLogin = failure.kind() == UpstreamFailure.Kind.UNAUTHORIZED;
        letIn.forgetIf(other -> other.who().equals(entry.who())
                && (wrongLogin ? other.repository().registry().equals(registry) : other.equals(entry)));
        refused.put(entry, failure);
        changed.set(true);
    }

    /** What the upstream said a moment ago when it would not let the caller in. */
    Optional<UpstreamFailure> refusal(RepositoryKey repository, Caller caller) {
        Entry entry = entry(repository, caller);
        return entry == null ? Optional.empty() : refused.find(entry);
    }

    @Override
    public void takeUp(List<VerdictRecord> records) {
        for (VerdictRecord record : records) {
            boolean counts = isPast(record.since())
                    && clock.instant().isBefore(record.until())
                    && !record.until().isAfter(record.since().plus(STANDS));
            Identity.parse(record.who())
                    .filter(who -> counts)
                    .ifPresent(who -> remember(new Entry(record.repository(), who), record.since()));
        }
    }

    @Override
    public boolean hasChanged() {
        return changed.getAndSet(false);
    }

    @Override
    public List<VerdictRecord> all() {
        return letIn.all().entrySet().stream()
                .map(each -> record(each.getKey(), each.getValue().since()))
                .toList();
    }

    private static VerdictRecord record(Entry entry, Instant since) {
        return new VerdictRecord(entry.repository(), entry.who().hex(), since, since.plus(STANDS));
    }
}
