package dev.larder.nodecache;

import dev.larder.nodecache.config.JobsConfig;
import dev.larder.nodecache.config.NodeCacheConfig;
import dev.larder.nodecache.http.JobServer;
import dev.larder.nodecache.mirror.Mirror;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operator's part in this node: the table of mirrored tags, read whenever its files change, and the listener that it
 * asks by, opened as soon as its certificate is here. {@link #tend} belongs to one thread.
 */
final class Mirroring {

    private static final Logger LOG = LoggerFactory.getLogger(Mirroring.class);
    /** So many turns pass before a listener that could not be opened is tried again: its port may come free. */
    private static final int TURNS_OF_REST = 10;

    private final Mirror mirror;
    private final Storage storage;
    private final ExecutorService threads;
    private final @Nullable MirrorFiles files;
    private final @Nullable JobsConfig jobs;
    private final Optional<JobServer> server;
    private final AtomicBoolean fetching = new AtomicBoolean();
    private final AtomicBoolean fetchingSlowly = new AtomicBoolean();

    private volatile MirrorFiles.Table table = MirrorFiles.Table.EMPTY;
    private String certificate = "";
    private boolean listening;
    private int rest;
    /** Said by the event loop, heard by the thread that tends. */
    private volatile boolean couldNotListen;

    Mirroring(
            NodeCacheConfig config,
            Mirror mirror,
            Function<JobServer.Settings, JobServer> listener,
            Storage storage,
            ExecutorService threads) {
        this.mirror = mirror;
        this.storage = storage;
        this.threads = threads;
        this.files = config.mirror() == null ? null : new MirrorFiles(config.mirror(), NodeName.own());
        this.jobs = config.listen().jobs();
        this.server = Optional.ofNullable(jobs)
                .map(wanted -> listener.apply(new JobServer.Settings(
                        wanted.address().host(),
                        wanted.address().port(),
                        wanted.tls().certFile(),
                        wanted.tls().keyFile(),
                        wanted.clientCaFile(),
                        wanted.clientName())));
    }

    /** Looks whether files have changed, and whether anything is to be fetched. */
    void tend() {
        try {
            readTable();
            var _ = tendListener();
            if (!table.tags().isEmpty()) {
                beside(fetching, mirror::tend);
                beside(fetchingSlowly, mirror::tendSlowly);
            }
        } catch (RuntimeException e) {
            // The timer would stop for good.
            LOG.atError().setCause(e).log("tending the mirrored tags failed");
        }
    }

    /** Called once before {@link #tend} is, and by that. */
    void readTable() {
        Optional<MirrorFiles.Table> changed = files == null ? Optional.empty() : files.changed();
        changed.ifPresent(next -> {
            use(next);
            LOG.atInfo()
                    .addKeyValue("tags", next.tags().size())
                    .addKeyValue("problems", next.problems())
                    .log("table of mirrored tags read");
        });
    }

    /** Which registries are served here says which part of the table is for this node. */
    synchronized void registriesChanged() {
        use(table);
    }

    /** Known as the table when it is in force, and not sooner: the operator takes its revision for that. */
    private synchronized void use(MirrorFiles.Table next) {
        mirror.replace(next.tags());
        storage.mirrored(mirror.pins());
        table = next;
    }

    private interface Fetching {
        void run() throws InterruptedException;
    }

    private void beside(AtomicBoolean running, Fetching work) {
        if (!running.compareAndSet(false, true)) {
            return;
        }
        try {
            threads.execute(() -> fetch(running, work));
        } catch (RejectedExecutionException e) {
            running.set(false); // stopping
        }
    }

    private static void fetch(AtomicBoolean running, Fetching work) {
        try {
            work.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("fetching mirrored images failed because of a bug");
        } finally {
            running.set(false);
        }
    }

    /**
     * Opens the listener if its certificate is here; called once before {@link #tend} is.
     *
     * @return whether all that could be done was; never fails
     */
    CompletableFuture<Boolean> listen() {
        return tendListener();
    }

    private CompletableFuture<Boolean> tendListener() {
        if (jobs == null || server.isEmpty() || resting()) {
            return CompletableFuture.completedFuture(true);
        }
        String now = stamp(List.of(jobs.tls().certFile(), jobs.tls().keyFile(), jobs.clientCaFile()));
        if (now.isEmpty() || now.equals(certificate)) {
            return CompletableFuture.completedFuture(true);
        }
        certificate = now;
        boolean first = !listening;
        listening = true;
        var done = first ? server.get().start() : server.get().reload();
        return done.handle((v, failure) -> {
                    if (failure == null) {
                        LOG.atInfo()
                                .addKeyValue("jobsPort", jobsPort())
                                .log("certificate for the operator's questions read");
                    } else {
                        LOG.atWarn()
                                .addKeyValue("cause", String.valueOf(failure.getMessage()))
                                .log("listen.jobs cannot be used; tried again "
                                        + (first ? "in a while" : "when its files change"));
                        couldNotListen = first;
                    }
                    return failure == null;
                })
                .toCompletableFuture();
    }

    private boolean resting() {
        if (couldNotListen) {
            couldNotListen = false;
            listening = false;
            certificate = "";
            rest = TURNS_OF_REST;
        }
        return rest > 0 && rest-- > 0;
    }

    /** Empty while one of them is missing. */
    private static String stamp(List<Path> files) {
        StringBuilder stamp = new StringBuilder();
        try {
            for (Path file : files) {
                Path real = file.toRealPath();
                stamp.append(real)
                        .append(' ')
                        .append(Files.getLastModifiedTime(real))
                        .append('\n');
            }
        } catch (IOException e) {
            return "";
        }
        return stamp.toString();
    }

    MirrorFiles.Table table() {
        return table;
    }

    /** @param names as {@link Mirror#report} has it */
    Mirror.Report report(int names) {
        return mirror.report(names);
    }

    /** The port of the listener; -1 when there is none. */
    int jobsPort() {
        return server.map(JobServer::port).orElse(-1);
    }
}
