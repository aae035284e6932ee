package dev.larder.nodecache.mirror;

import dev.larder.nodecache.error.CacheException;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.ImageName;
import dev.larder.nodecache.oci.Keeping;
import dev.larder.nodecache.oci.MirroredTag;
import dev.larder.nodecache.oci.Platform;
import dev.larder.nodecache.oci.Reference;
import dev.larder.nodecache.oci.RegistryHost;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.registry.FrozenTags;
import dev.larder.nodecache.registry.RegistryService;
import dev.larder.nodecache.store.BlobStore;
import dev.larder.nodecache.store.ManifestStore;
import dev.larder.nodecache.store.RepositoryStore;
import dev.larder.nodecache.store.StoredImages;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The mirrored tags on this node: brings what they mean to the disk, one image after the other, and lets a tag mean the
 * new digest once all of that is here; until then it means what it meant before, if that is here.
 *
 * <p>A tag that is kept on other nodes only means the digest asked for at once; what of it is pulled is kept like anything.
 *
 * <p>{@link #tend} and {@link #tendSlowly} run in one thread each; the rest may be called from any.
 */
public final class Mirror {

    private static final Logger LOG = LoggerFactory.getLogger(Mirror.class);
    /** The last blob has been read to its end, and is on its way to its name. */
    private static final Duration TO_BE_KEPT = Duration.ofSeconds(1);

    private static final int KEPT_SOON = 5;
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(10);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);
    private static final Duration LOOK_AGAIN = Duration.ofMinutes(10);
    private static final Duration REMEMBER_OPEN = Duration.ofMinutes(10);
    private static final long WRITE_GRAIN_SECONDS = 60;
    private static final int MAX_REPORTED = 100;
    private static final int MAX_NAMES = 20_000;

    private final ImageFetch fetch;
    /** For another thread, so that an image at a bounded rate holds no other one up. */
    private final ImageFetch slowFetch;

    private final FrozenTags frozen;
    private final StoredImages images;
    private final RepositoryStore repositories;
    private final Clock clock;
    private final String node;
    private final List<Platform> own;
    private final Predicate<RegistryHost> serves;

    private volatile List<MirroredTag> wanted = List.of();

    /** Guarded by this. */
    private final Map<Image, State> states = new HashMap<>();

    /** Guarded by this. */
    private final Map<Image, List<MirroredTag>> tagsOf = new HashMap<>();

    /** Of the thread that tends. */
    private Instant openRememberedAt = Instant.MIN;

    /** What is to be here. */
    private record Image(RepositoryKey repository, Digest digest, List<Platform> platforms) {}

    /** @param waitsForItsTurn nothing has been fetched yet, because other nodes begin earlier */
    private record State(boolean here, Instant lookAgain, int failures, String message, boolean waitsForItsTurn) {}

    /** A tag whose digest is not here yet. */
    public record Waiting(String resource, String tag, String digest, String message) {}

    /**
     * How far this node is.
     *
     * @param kept those of the tags whose images are kept here ahead of time
     * @param ready those of the kept ones that are here
     * @param waiting the other kept ones, no more than the first hundred
     * @param waitingNames the short name of each other kept one, big-endian, in base64; null when they are not asked for, or
     *     are more than were asked for
     */
    public record Report(
            int tags,
            int kept,
            int ready,
            List<Waiting> waiting,
            @Nullable String waitingNames) {
        public Report {
            waiting = List.copyOf(waiting);
        }
    }

    /** Where content is kept. */
    public record Stores(ManifestStore manifests, StoredImages images, RepositoryStore repositories, BlobStore blobs) {}

    /**
     * This node.
     *
     * @param platform what the machine runs
     */
    public record Self(String node, Platform platform) {}

    /**
     * @param serves which registries are served here; the rest of the table is not for this node
     */
    public Mirror(
            RegistryService service,
            FrozenTags frozen,
            Stores stores,
            Clock clock,
            Self self,
            Predicate<RegistryHost> serves) {
        this.fetch = new ImageFetch(service, stores);
        this.slowFetch = new ImageFetch(service, stores);
        this.frozen = frozen;
        this.images = stores.images();
        this.repositories = stores.repositories();
        this.clock = clock;
        this.node = self.node();
        this.own = List.of(self.platform());
        this.serves = serves;
    }

    /** Takes over another table. */
    public synchronized void replace(List<MirroredTag> table) {
        // Another list each time, also for the same tags: by that, who goes through one sees that it is of the past.
        wanted = Collections.unmodifiableList(new ArrayList<>(table));
        tagsOf.clear();
        Map<FrozenTags.Name, Digest> meanings = new HashMap<>();
        for (MirroredTag tag : mine()) {
            if (tag.keeping().ahead()) {
                tagsOf.computeIfAbsent(image(tag), image -> new ArrayList<>()).add(tag);
            }
            meanings.put(name(tag), meaning(tag));
        }
        states.keySet().retainAll(tagsOf.keySet());
        frozen.replace(meanings);
    }

    private static FrozenTags.Name name(MirroredTag tag) {
        return new FrozenTags.Name(tag.repository(), tag.tag());
    }

    /** What must not be evicted: what the tags mean, and what they meant as far as it is in the table. */
    public List<ImageName> pins() {
        List<ImageName> pins = new ArrayList<>();
        for (MirroredTag tag : kept(wanted)) {
            pins.add(new ImageName(tag.repository(), new Reference.ByDigest(tag.digest())));
            tag.before().forEach(digest -> pins.add(new ImageName(tag.repository(), new Reference.ByDigest(digest))));
        }
        return pins;
    }

    /**
     * Fetches what is missing and due, but for that at a bounded rate. Returns when nothing is left to do for the moment,
     * which can take long, or after the image under way when the table is replaced.
     */
    public void tend() throws InterruptedException {
        keepOpen();
        tend(false, fetch);
    }

    /** The same for what is fetched at a bounded rate; for a thread of its own. */
    public void tendSlowly() throws InterruptedException {
        tend(true, slowFetch);
    }

    private void tend(boolean slowly, ImageFetch by) throws InterruptedException {
        List<MirroredTag> table = wanted;
        for (MirroredTag tag : kept(mine())) {
            if (!slowly) {
                keepOpen();
            }
            if (wanted != table) {
                return; // what has been promoted meanwhile comes before the rest
            }
            boolean bounded = tag.keeping().bytesPerSecond() > 0;
            if (bounded == slowly && isDue(image(tag))) {
                bring(image(tag), tag.keeping(), by);
            }
        }
    }

    private static List<MirroredTag> kept(List<MirroredTag> tags) {
        return tags.stream().filter(tag -> tag.keeping().ahead()).toList();
    }

    private List<MirroredTag> mine() {
        return wanted.stream()
                .filter(tag -> serves.test(tag.repository().registry()))
                .toList();
    }

    private Image image(MirroredTag tag) {
        return new Image(tag.repository(), tag.digest(), tag.platforms().isEmpty() ? own : tag.platforms());
    }

    private boolean isDue(Image image) {
        State state = state(image);
        return state == null
                || !state.lookAgain().isAfter(clock.instant())
                || isOfAnotherClock(state)
                || (state.waitsForItsTurn() && fetch.isBegun(image.digest()));
    }

    /** It was set back: none but a turn is awaited for that long. */
    private boolean isOfAnotherClock(State state) {
        return !state.waitsForItsTurn()
                && state.lookAgain().isAfter(clock.instant().plus(LOOK_AGAIN).plus(LONGEST_PAUSE));
    }

    private synchronized @Nullable State state(Image image) {
        return states.get(image);
    }

    private void bring(Image image, Keeping keeping, ImageFetch by) throws InterruptedException {
        String message = "";
        boolean fetched = false;
        boolean here = by.isHere(image.digest(), image.platforms());
        if (!here && state(image) == null && !by.isBegun(image.digest())) {
            Duration turn = KeepRanking.turn(image.digest().toString(), node, keeping.spread());
            if (!turn.isZero()) {
                awaitTurn(image, clock.instant().plus(turn));
                return;
            }
        }
        if (!here) {
            try {
                by.fetch(image.repository(), image.digest(), image.platforms(), keeping.bytesPerSecond());
                fetched = true;
                here = by.isHere(image.digest(), image.platforms());
                message = here ? "" : "fetched, but not all of it was kept: is storage.size too small?";
            } catch (CacheException e) {
                message = String.valueOf(e.getMessage());
            }
        }
        learn(image, here, fetched, message);
    }

    private synchronized void awaitTurn(Image image, Instant turn) {
        if (tagsOf.containsKey(image)) {
            String message = "begins at " + turn.truncatedTo(ChronoUnit.SECONDS) + ", by spec.to.nodes.spread";
            states.put(image, new State(false, turn, 0, message, true));
        }
    }

    private synchronized void learn(Image image, boolean here, boolean fetched, String message) {
        State before = states.get(image);
        int failures = here ? 0 : (before == null ? 0 : before.failures()) + 1;
        Duration pause = here ? LOOK_AGAIN : pause(failures, fetched);
        if (before == null || before.here() != here || !before.message().equals(message)) {
            LOG.atInfo()
                    .addKeyValue("repository", image.repository())
                    .addKeyValue("digest", image.digest())
                    .addKeyValue("here", here)
                    .addKeyValue("message", message)
                    .log("mirrored image");
        }
        if (!tagsOf.containsKey(image)) {
            return; // no longer in the table
        }
        states.put(image, new State(here, clock.instant().plus(pause), failures, message, false));
        tagsOf.getOrDefault(image, List.of()).forEach(tag -> frozen.put(name(tag), meaning(tag)));
    }

    /** @param failures in a row, at least one */
    private static Duration pause(int failures, boolean fetched) {
        if (fetched && failures < KEPT_SOON) {
            return TO_BE_KEPT;
        }
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(failures - 1, 10));
        return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
    }

    /**
     * The digest asked for, unless it is to be here and is not yet, and an earlier one is. Does not read the disk.
     */
    private Digest meaning(MirroredTag tag) {
        if (!tag.keeping().ahead()) {
            return tag.digest();
        }
        State state = states.get(image(tag));
        boolean here = state == null ? images.isComplete(tag.digest()) : state.here();
        Optional<Digest> served = frozen.find(name(tag));
        if (here || served.equals(Optional.of(tag.digest()))) {
            return tag.digest();
        }
        return Stream.concat(served.stream(), tag.before().stream())
                .filter(images::isComplete)
                .findFirst()
                .orElse(tag.digest());
    }

    /**
     * A repository that its upstream gave to everyone when the operator last looked stays one here, so that pulls of what
     * is here need no upstream; one that this node has been refused meanwhile does not.
     */
    private void keepOpen() {
        if (clock.instant().isBefore(openRememberedAt.plus(REMEMBER_OPEN))) {
            return;
        }
        openRememberedAt = clock.instant();
        mine().stream()
                .filter(MirroredTag::open)
                .map(MirroredTag::repository)
                .distinct()
                .filter(repository -> repositories.publicAt(repository).isPresent())
                .forEach(repository -> repositories.publicNow(repository, clock.instant(), WRITE_GRAIN_SECONDS));
    }

    /** @param names how many waiting tags are to be named, if they are no more than that; 0 for none */
    public synchronized Report report(int names) {
        List<Waiting> waiting = new ArrayList<>();
        int ready = 0;
        List<MirroredTag> tags = mine();
        List<MirroredTag> kept = kept(tags);
        int most = Math.min(names, MAX_NAMES);
        ByteBuffer named = ByteBuffer.allocate(Integer.BYTES * Math.min(most, kept.size()));
        for (MirroredTag tag : kept) {
            State state = states.get(image(tag));
            if (state != null && state.here()) {
                ready++;
                continue;
            }
            String name = tag.repository() + ":" + tag.tag();
            if (named.hasRemaining()) {
                named.putInt(KeepRanking.shortName(name));
            }
            if (waiting.size() < MAX_REPORTED) {
                waiting.add(new Waiting(
                        tag.resource(),
                        name,
                        tag.digest().toString(),
                        state == null ? "not looked at yet" : state.message()));
            }
        }
        boolean all = most > 0 && kept.size() - ready <= most;
        return new Report(tags.size(), kept.size(), ready, waiting, all ? base64(named) : null);
    }

    private static String base64(ByteBuffer written) {
        byte[] bytes = new byte[written.flip().remaining()];
        written.get(bytes);
        return Base64.getEncoder().encodeToString(bytes);
    }
}
