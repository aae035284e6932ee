package dev.larder.nodecache;

import dev.larder.nodecache.config.ConfigReader;
import dev.larder.nodecache.config.ConfigResult;
import dev.larder.nodecache.config.NodeCacheConfig;
import dev.larder.nodecache.config.TlsConfig;
import dev.larder.nodecache.error.CacheException;
import dev.larder.nodecache.log.LogLines;
import dev.larder.nodecache.upstream.ProxyRules;
import dev.larder.nodecache.watchdog.PidFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/** The node cache's program: command line, config file, process. The parts are put together in {@link NodeCache}. */
public final class NodeCacheMain {

    private static final int USAGE = 2;
    private static final String HELP = """
            Usage: node-cache --config FILE [--check-config]

            Serves container images from this machine's disk, fetching what is missing from the registries that FILE names.

              --config FILE    settings, YAML; see node-cache/README.md for every key
              --check-config   reads FILE, prints every problem, exits 0 or 2
              --version        prints the version
              --help           prints this
            """;

    private NodeCacheMain() {}

    public static void main(String[] args) throws InterruptedException {
        int status = run(List.of(args));
        if (status != 0) {
            LogLines.flush();
            System.exit(status);
        }
    }

    /** @return the exit status, or 0 with the node cache running in other threads */
    private static int run(List<String> args) throws InterruptedException {
        if (args.contains("--help") || args.contains("-h")) {
            System.out.print(HELP);
            return 0;
        }
        if (args.contains("--version")) {
            System.out.println(Version.TEXT);
            return 0;
        }
        boolean check = args.contains("--check-config");
        List<String> rest =
                args.stream().filter(arg -> !arg.equals("--check-config")).toList();
        if (rest.size() != 2 || !rest.getFirst().equals("--config")) {
            System.err.print((args.isEmpty() ? "" : "not understood: " + String.join(" ", args) + "\n") + HELP);
            return USAGE;
        }
        Path file = Path.of(rest.getLast());
        FileWatcher.Look before = FileWatcher.Look.at(List.of(file));
        return switch (ConfigReader.read(file)) {
            case ConfigResult.Rejected(var problems) -> {
                problems.forEach(problem -> System.err.println(file + ": " + problem));
                yield USAGE;
            }
            case ConfigResult.Loaded(NodeCacheConfig config) -> check ? ok(file) : serve(file, before, config);
        };
    }

    private static int ok(Path file) {
        System.out.println(file + ": no problems");
        return 0;
    }

    private static int serve(Path file, FileWatcher.Look before, NodeCacheConfig config) throws InterruptedException {
        Path runDirectory = config.listen().runDirectory();
        try {
            Files.createDirectories(runDirectory);
            Files.createDirectories(config.storage().path());
            nativeLibraries(runDirectory);
            FileWatcher watcher = new FileWatcher();
            TlsConfig tls = config.listen().tls();
            FileWatcher.Look certificate =
                    FileWatcher.Look.at(tls == null ? List.of() : List.of(tls.certFile(), tls.keyFile()));
            NodeCache cache = new NodeCache(config, Clock.systemUTC(), ProxyRules.of(System.getenv()));
            cache.listen();
            PidFile.self().write(runDirectory);
            watcher.watch(before, () -> reload(file, cache));
            watcher.watch(certificate, cache::reloadCertificate);
            watcher.eachTime(cache.live()::lookAtCertificates);
            watcher.start();
            Runtime.getRuntime()
                    .addShutdownHook(Thread.ofPlatform().unstarted(() -> stop(cache, watcher, runDirectory)));
            // Last: whoever sees it ready may look for its pid file, or ask it to stop.
            cache.beReady();
            return 0;
        } catch (IOException e) {
            System.err.println("cannot use listen.runDirectory = " + runDirectory + " or storage.path = "
                    + config.storage().path() + ": " + e);
        } catch (CacheException | IllegalStateException | IllegalArgumentException e) {
            System.err.println("cannot start: " + e.getMessage());
        }
        return 1;
    }

    private static void reload(Path file, NodeCache cache) {
        switch (ConfigReader.read(file)) {
            case ConfigResult.Loaded(var config) -> cache.live().reload(config);
            case ConfigResult.Rejected(var problems) -> cache.live().reject(problems);
        }
    }

    /** Netty unpacks its library before use; with a read-only root file system only the run directory will do. */
    private static void nativeLibraries(Path runDirectory) {
        // The system's resolver honours what the node's administrator set up, and needs no sockets of its own.
        System.setProperty("vertx.disableDnsResolver", "true");
        if (System.getProperty("io.netty.native.workdir") == null
                && !Files.isWritable(Path.of(System.getProperty("java.io.tmpdir")))) {
            System.setProperty("io.netty.native.workdir", runDirectory.toString());
        }
    }

    private static void stop(NodeCache cache, FileWatcher watcher, Path runDirectory) {
        try {
            watcher.close();
            cache.stop();
            Files.deleteIfExists(runDirectory.resolve(PidFile.NAME));
        } catch (IOException e) {
            System.err.println("cannot remove the pid file: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        LogLines.flush();
    }
}
