package dev.larder.nodecache.containerd;

import dev.larder.nodecache.containerd.HostsWriterReport.RegistryState;
import dev.larder.nodecache.containerd.HostsWriterReport.State;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The hosts writer's round: find the root, put the entries there while the cache answers, take them back otherwise, and
 * say how things stand. Cheap when nothing has changed, so it is called every second; what fails is tried again then.
 * Not for several threads.
 */
public final class HostsWriter {

    static final Path DEFAULT_ROOT = Path.of("/etc/containerd/certs.d");

    /** What was taken back stays so, save for somebody's hand. */
    private static final Duration SWEEP_EVERY = Duration.ofSeconds(10);

    private static final Duration FACTS_GOOD_FOR = Duration.ofSeconds(30);
    private static final Logger LOG = LoggerFactory.getLogger(HostsWriter.class);

    private final String resource;
    private final HostRoot node;
    private final Clock clock;
    private final AbandonedCaches abandoned = new AbandonedCaches(System::nanoTime);

    private @Nullable ContainerdFacts facts;
    private Optional<Path> factsFor = Optional.empty();
    private Instant factsAt = Instant.MIN;
    private @Nullable Place place;

    private @Nullable Sweep clean;

    /** A root and the writer that works in it. */
    private record Place(Path shown, HostsTomlWriter writer) {}

    /** When everything but these registries' entries was last known to be taken back. */
    private record Sweep(Place place, List<String> kept, Instant at) {}

    private sealed interface Located {
        record At(Path root) implements Located {}

        record Nowhere(String message) implements Located {}
    }

    /**
     * @param resource the RegistryCache's name
     * @param hostRoot where the node's file system is seen from here
     */
    public HostsWriter(String resource, Path hostRoot, Clock clock) throws IOException {
        this(resource, HostRoot.at(hostRoot), clock);
    }

    HostsWriter(String resource, HostRoot node, Clock clock) {
        this.resource = resource.replaceAll("[^A-Za-z0-9.-]", "_");
        this.node = node;
        this.clock = clock;
    }

    /**
     * Brings the node into line with what is wanted.
     *
     * @param cacheAnswers whether pulls may be sent to the cache
     * @param watchMessage what the watchdog has to say; empty when nothing
     * @param kills processes the watchdog has ended
     */
    public HostsWriterReport round(Wanted wanted, boolean cacheAnswers, String watchMessage, int kills) {
        ContainerdFacts current = facts(wanted.configPath());
        Path used = wanted.configPath().orElseGet(() -> firstOf(current));
        List<String> messages = new ArrayList<>(List.of(wanted.message(), watchMessage, current.problem()));
        Located located = locate(used, wanted.configPath().isPresent(), current);
        List<RegistryState> states = new ArrayList<>();
        boolean restored = false;
        if (located instanceof Located.At(Path root)) {
            Place here = placeAt(root, used);
            boolean write = wanted.manage() && cacheAnswers;
            states.addAll(write ? writeAll(here, wanted) : without(wanted, State.WITHDRAWN));
            restored = takeBack(here, write ? wanted : null, messages);
        } else if (located instanceof Located.Nowhere(String message)) {
            restored = place == null || takeBack(place, null, messages);
            messages.add(message);
            for (HostsEntry entry : wanted.entries()) {
                states.add(new RegistryState(entry.registry(), State.FAILED, false, message));
            }
        }
        return new HostsWriterReport(
                clock.instant(),
                wanted.manage(),
                wanted.revision(),
                cacheAnswers,
                String.join(
                        "; ",
                        messages.stream().filter(m -> !m.isEmpty()).distinct().toList()),
                current,
                used,
                states,
                restored,
                kills);
    }

    /** Takes everything back; the report says whether that worked. */
    public HostsWriterReport restoreAll(Wanted wanted, boolean cacheAnswers, int kills) {
        clean = null; // look everywhere once more
        return round(
                new Wanted(false, wanted.revision(), wanted.configPath(), wanted.entries(), wanted.message()),
                cacheAnswers,
                "",
                kills);
    }

    private List<RegistryState> writeAll(Place here, Wanted wanted) {
        List<RegistryState> states = new ArrayList<>();
        for (HostsEntry entry : wanted.entries()) {
            RegistryState state;
            try {
                HostsTomlWriter.Placed placed = here.writer().write(entry);
                state = new RegistryState(
                        entry.registry(),
                        placed.present() ? State.PRESENT : State.FAILED,
                        placed.foreign(),
                        placed.message());
            } catch (IOException e) {
                state = new RegistryState(entry.registry(), State.FAILED, false, explain(here.shown(), e));
            }
            states.add(state);
        }
        return states;
    }

    private static List<RegistryState> without(Wanted wanted, State whenManaged) {
        State state = wanted.manage() ? whenManaged : State.RESTORED;
        return wanted.entries().stream()
                .map(entry -> new RegistryState(entry.registry(), state, false, ""))
                .toList();
    }

    /** Takes back what is not kept; true when after that nothing of ours is left. */
    private boolean takeBack(Place here, @Nullable Wanted kept, List<String> messages) {
        List<String> registries = kept == null
                ? List.of()
                : kept.entries().stream().map(HostsEntry::registry).toList();
        Sweep last = clean;
        Instant now = clock.instant();
        if (last != null
                && last.place().equals(here)
                && last.kept().equals(registries)
                && now.isBefore(last.at().plus(SWEEP_EVERY))) {
            return kept == null;
        }
        clean = null;
        try {
            here.writer().restoreAllBut(registries);
            clean = new Sweep(here, registries, now);
            return kept == null;
        } catch (IOException e) {
            messages.add(explain(here.shown(), e));
            return false;
        }
    }

    private Place placeAt(Path root, Path shown) {
        Place here = place;
        if (here == null || !here.shown().equals(shown)) {
            if (here != null) {
                List<String> messages = new ArrayList<>();
                boolean left = takeBack(here, null, messages);
                LOG.atInfo()
                        .addKeyValue("from", here.shown())
                        .addKeyValue("to", shown)
                        .addKeyValue("clean", left)
                        .log("The root of the hosts.toml folders has moved {}", messages);
            }
            here = new Place(shown, new HostsTomlWriter(root, shown, resource, abandoned, new DiskSteps()));
            place = here;
        }
        return here;
    }

    private static String explain(Path shown, IOException e) {
        if (e instanceof AccessDeniedException denied) {
            return "no permission to change " + denied.getFile() + " (" + shown
                    + "): this runs as root without the right to pass over permissions, so the folder must be root's";
        }
        String reason = e instanceof FileSystemException f && f.getReason() != null
                ? f.getReason()
                : e.getClass().getSimpleName() + " " + e.getMessage();
        return "cannot change " + shown + ": " + reason
                + ". If the node keeps this folder read-only, set spec.containerd.configPath to the one it lets you write";
    }

    private static Path firstOf(ContainerdFacts facts) {
        return facts.configPath()
                .map(list -> list.split(":", -1)[0])
                .filter(first -> first.startsWith("/") && first.indexOf('\0') < 0)
                .map(Path::of)
                .map(Path::normalize)
                .orElse(DEFAULT_ROOT);
    }

    private Located locate(Path used, boolean asked, ContainerdFacts current) {
        String origin = asked
                ? "spec.containerd.configPath " + used
                : "config_path " + used
                        + current.source().map(file -> " of " + file).orElse("");
        Path hostRoot = node.under(Path.of("/"));
        if (!Files.isDirectory(hostRoot)) {
            return new Located.Nowhere(
                    "containerd.hostRoot " + hostRoot
                            + " does not exist: mount the node's folder below it, or set it to \"\" when this runs on the node itself");
        }
        try {
            Optional<Path> real = node.real(used);
            if (real.isEmpty()) {
                return new Located.Nowhere(origin + " is a circle of symbolic links");
            }
            if (!node.isMounted(real.get())) {
                String link = real.get().equals(used) ? "" : " leads to " + real.get() + ", which";
                return new Located.Nowhere(origin + link
                        + " is not mounted into this pod: set spec.containerd.configPath to " + real.get());
            }
            return new Located.At(node.under(real.get()));
        } catch (IOException e) {
            return new Located.Nowhere("cannot look at " + used + ": " + e.getMessage());
        }
    }

    private ContainerdFacts facts(Optional<Path> configPath) {
        Instant now = clock.instant();
        ContainerdFacts known = facts;
        if (known != null && factsFor.equals(configPath) && now.isBefore(factsAt.plus(FACTS_GOOD_FOR))) {
            return known;
        }
        ContainerdFacts read;
        try {
            read = new ContainerdConfigReader(node).read(candidates(configPath));
        } catch (IOException e) {
            read = ContainerdFacts.unknown("cannot read containerd's configuration: " + e.getMessage());
        }
        facts = read;
        factsFor = configPath;
        factsAt = now;
        return read;
    }

    /** A distribution that has its own place for hosts.toml folders has its main file beside them, mostly. */
    private static List<Path> candidates(Optional<Path> configPath) {
        List<Path> files = new ArrayList<>();
        configPath.map(Path::getParent).ifPresent(folder -> {
            for (String name : List.of("config.toml", "containerd.toml", "cri.toml")) {
                files.add(folder.resolve(name));
            }
        });
        files.add(Path.of("/etc/containerd/config.toml"));
        return files;
    }
}
