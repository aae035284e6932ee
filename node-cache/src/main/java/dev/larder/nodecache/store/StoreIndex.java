package dev.larder.nodecache.store;

import dev.larder.nodecache.oci.RegistryHost;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.oci.Tag;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Everything the stores know, in memory: a state that {@link JournalEvents} build up and that can tell itself as such. Who
 * changes it tells the {@link Journal} too. Safe for many threads.
 */
final class StoreIndex implements JournalEvents {

    /** Seconds since then fit an int until 2088. */
    static final Instant EPOCH = Instant.parse("2020-01-01T00:00:00Z");

    private static final int MAX_ELSEWHERE = 10_000;

    final ConcurrentHashMap<BlobKey, BlobEntry> blobs = new ConcurrentHashMap<>();
    final ConcurrentHashMap<TagKey, TagRecord> tags = new ConcurrentHashMap<>();
    final LooseTags loose = new LooseTags(this);
    private final ConcurrentHashMap<RepositoryKey, Repository> repositories = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Integer, Repository> numbers = new ConcurrentHashMap<>();
    private final AtomicInteger lastNumber = new AtomicInteger();

    /** Where content that is not on the disk was seen; the last asked for only. Guarded by itself. */
    private final LinkedHashMap<BlobKey, BlobEntry> elsewhere = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<BlobKey, BlobEntry> eldest) {
            return size() > MAX_ELSEWHERE;
        }
    };

    private volatile String boot = "";
    private volatile boolean inOrder;

    /** One tag's meaning for one class of Accept. */
    record TagKey(RepositoryKey repository, Tag tag, String answerClass) {}

    /** One repository. */
    static final class Repository {
        final RepositoryKey key;
        final int number;
        /** Its number, for {@link BlobEntry#addTo}. */
        final int[] alone;

        volatile int openAt;

        Repository(RepositoryKey key, int number) {
            this.key = key;
            this.number = number;
            this.alone = new int[] {number};
        }
    }

    static int seconds(Instant time) {
        return Math.clamp(time.getEpochSecond() - EPOCH.getEpochSecond(), 1, Integer.MAX_VALUE);
    }

    static Instant instant(int seconds) {
        return EPOCH.plusSeconds(seconds);
    }

    Optional<Repository> find(RepositoryKey key) {
        return Optional.ofNullable(repositories.get(key));
    }

    /** The repository, made and told to the journal when it is new. */
    Repository repository(RepositoryKey key, Consumer<Consumer<JournalEvents>> journal) {
        return repositories.computeIfAbsent(key, k -> {
            int number = lastNumber.incrementAndGet();
            journal.accept(to -> to.repository(
                    number, key.registry().value(), key.repository().value()));
            Repository made = new Repository(key, number);
            numbers.put(number, made);
            return made;
        });
    }

    /** Remembers content that is not on the disk, for when it comes there; false when it is there. */
    boolean seenElsewhere(BlobKey key, Repository repository) {
        synchronized (elsewhere) {
            if (blobs.containsKey(key)) {
                return false;
            }
            elsewhere.computeIfAbsent(key, k -> new BlobEntry(k, 0, 0)).addTo(repository.alone);
            return true;
        }
    }

    boolean isElsewhere(BlobKey key, int repository) {
        synchronized (elsewhere) {
            BlobEntry entry = elsewhere.get(key);
            return entry != null && entry.isIn(repository);
        }
    }

    /** Where the content was seen before it came to the disk. */
    List<Repository> cameFrom(BlobKey key) {
        BlobEntry entry;
        synchronized (elsewhere) {
            entry = elsewhere.remove(key);
        }
        return entry == null
                ? List.of()
                : Arrays.stream(entry.repositories)
                        .mapToObj(numbers::get)
                        .filter(Objects::nonNull)
                        .toList();
    }

    /** The keys that the index has of the same digests, so that one is not kept twice. */
    List<BlobKey> known(List<BlobKey> keys) {
        return keys.stream()
                .map(key -> {
                    BlobEntry entry = blobs.get(key);
                    return entry == null ? key : entry.key;
                })
                .toList();
    }

    /** The boot of the machine under which the last process took the store over, and whether it left in order. */
    boolean trusts(String currentBoot) {
        return inOrder || (!boot.isEmpty() && boot.equals(currentBoot));
    }

    // What follows takes events up, in one thread, before anything else runs.

    @Override
    public void blob(BlobKey key, long size, int used) {
        BlobEntry entry = new BlobEntry(key, size, used);
        BlobEntry before = blobs.put(key, entry);
        if (before != null) {
            entry.manifest = before.manifest;
            entry.repositories = before.repositories;
        }
    }

    @Override
    public void used(BlobKey key, int used) {
        BlobEntry entry = blobs.get(key);
        if (entry != null) {
            entry.used = used;
            entry.noted = used;
        }
    }

    @Override
    public void gone(BlobKey key) {
        blobs.remove(key);
    }

    @Override
    public void manifest(BlobKey key, String mediaType, List<BlobKey> needs) {
        BlobEntry entry = blobs.get(key);
        if (entry != null) {
            entry.manifest = new BlobEntry.Manifest(mediaType.intern(), known(needs));
        }
    }

    @Override
    public void repository(int id, String registry, String name) {
        RepositoryKey key = new RepositoryKey(new RegistryHost(registry), new RepositoryName(name));
        Repository before = numbers.get(id);
        if (before != null && !before.key.equals(key)) {
            // What one may serve would be the other's: nothing from here on is to be believed.
            throw new IllegalArgumentException("repository " + id + " is both " + before.key + " and " + key);
        }
        numbers.put(id, repositories.computeIfAbsent(key, k -> new Repository(k, id)));
        lastNumber.accumulateAndGet(id, Math::max);
    }

    @Override
    public void open(int id, int at) {
        @Nullable Repository repository = numbers.get(id);
        if (repository != null) {
            repository.openAt = at;
        }
    }

    @Override
    public void holds(int id, BlobKey key) {
        BlobEntry entry = blobs.get(key);
        @Nullable Repository repository = numbers.get(id);
        if (entry != null && repository != null) {
            entry.addTo(repository.alone);
        }
    }

    @Override
    public void tag(int id, String tag, String answerClass, String record) {
        @Nullable Repository repository = numbers.get(id);
        if (repository == null) {
            return;
        }
        TagKey key = new TagKey(repository.key, new Tag(tag), answerClass.intern());
        TagRecord.parse(record).ifPresentOrElse(known -> tags.put(key, known), () -> tags.remove(key));
        if (loose.areDue()) {
            // No more than were ever in memory together, unless an older program wrote them: what is pinned stays.
            loose.tooMany(wanted -> false).forEach(one -> tags.remove(one.key()));
        }
    }

    @Override
    public void opened(String by) {
        boot = by;
        inOrder = false;
    }

    @Override
    public void closed() {
        inOrder = true;
    }

    /** Says everything as events. What changes meanwhile may be told as it was or as it is. */
    void tell(JournalEvents to) {
        repositories.forEach((key, repository) -> {
            to.repository(
                    repository.number, key.registry().value(), key.repository().value());
            if (repository.openAt != 0) {
                to.open(repository.number, repository.openAt);
            }
        });
        blobs.values().forEach(entry -> {
            to.blob(entry.key, entry.size, entry.used);
            for (int repository : entry.repositories) {
                to.holds(repository, entry.key);
            }
        });
        blobs.values().forEach(entry -> {
            BlobEntry.Manifest manifest = entry.manifest;
            if (manifest != null) {
                to.manifest(entry.key, manifest.mediaType(), manifest.needs());
            }
        });
        tags.forEach((key, record) -> {
            Repository repository = repositories.get(key.repository());
            if (repository != null) {
                to.tag(repository.number, key.tag().value(), key.answerClass(), record.format());
            }
        });
    }
}
