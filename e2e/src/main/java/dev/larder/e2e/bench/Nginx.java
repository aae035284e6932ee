package dev.larder.e2e.bench;

import dev.larder.e2e.process.Await;
import dev.larder.e2e.process.Command;
import dev.larder.e2e.process.Component;
import dev.larder.e2e.process.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * nginx with sendfile and its access log, as its packages have it: what hits are measured beside, and for misses the
 * upstream, since nothing serves a file faster. A second port gives 100 MB/s a connection, a third wants a password, and
 * what a fourth gives is counted.
 */
final class Nginx implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int LIMITED_RATE = 100_000_000;
    private static final String GIVEN_LOG = "given.log";
    /** As a client shows it: of the user bench, whose password is bench. */
    static final String AUTHORIZATION = "Basic YmVuY2g6YmVuY2g=";

    private final Component process;
    private final Path folder;
    private final Listeners ports;

    private record Listeners(int full, int limited, int guarded, int counted) {
        static Listeners free() {
            return new Listeners(Ports.free(), Ports.free(), Ports.free(), Ports.free());
        }
    }

    private Nginx(Component process, Path folder, Listeners ports) {
        this.process = process;
        this.folder = folder;
        this.ports = ports;
    }

    static Nginx start(BenchTools tools, Content content, Path folder) {
        Listeners ports = Listeners.free();
        try {
            Files.writeString(folder.resolve("passwords"), "bench:{PLAIN}bench\n");
            Path settings = Files.writeString(folder.resolve("nginx.conf"), settings(folder, content, ports));
            Component process = new Component(
                    "nginx",
                    List.of(),
                    List.of(
                            tools.nginx().toString(),
                            "-p",
                            folder.toString(),
                            "-e",
                            folder.resolve("nginx-error.log").toString(),
                            "-c",
                            settings.toString()),
                    Map.of(),
                    folder.resolve("nginx.log"));
            process.start();
            Await.until("the start of nginx", PATIENCE, () -> Ports.listening(ports.full), process::logTail);
            return new Nginx(process, folder, ports);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String settings(Path folder, Content content, Listeners ports) {
        String common = """
                root %s;
                location = /v2/ { default_type application/json; return 200 "{}"; }
                location ~ /manifests/ {
                  default_type %s;
                  add_header Docker-Content-Digest %s;
                }
                """.formatted(content.folder(), Content.MANIFEST_TYPE, content.manifestDigest());
        return """
                user root;
                daemon off;
                worker_processes 2;
                pid %1$s/nginx.pid;
                events { worker_connections 4096; }
                http {
                  access_log %1$s/access.log;
                  sendfile on;
                  tcp_nopush on;
                  keepalive_requests 1000000000;
                  default_type application/octet-stream;
                  client_body_temp_path %1$s/temp;
                  proxy_temp_path %1$s/temp;
                  fastcgi_temp_path %1$s/temp;
                  uwsgi_temp_path %1$s/temp;
                  scgi_temp_path %1$s/temp;
                  server { listen 127.0.0.1:%2$d; %3$s }
                  server { listen 127.0.0.1:%4$d; limit_rate %5$d; %3$s }
                  server {
                    listen 127.0.0.1:%6$d;
                    auth_basic bench;
                    auth_basic_user_file %1$s/passwords;
                    %3$s
                  }
                  log_format given "$body_bytes_sent";
                  server { listen 127.0.0.1:%7$d; access_log %1$s/%8$s given; %3$s }
                }
                """.formatted(
                folder, ports.full, common, ports.limited, LIMITED_RATE, ports.guarded, ports.counted, GIVEN_LOG);
    }

    URI full() {
        return Ports.url(ports.full);
    }

    URI limited() {
        return Ports.url(ports.limited);
    }

    /** The one that gives nothing without {@link #AUTHORIZATION}. */
    URI guarded() {
        return Ports.url(ports.guarded);
    }

    /** The one whose {@link #given} counts. */
    URI counted() {
        return Ports.url(ports.counted);
    }

    /** The bytes of all bodies so far that the counted one has given, also those that it could not give to the end. */
    long given() {
        try (Stream<String> lines = Files.lines(folder.resolve(GIVEN_LOG))) {
            return lines.mapToLong(Long::parseLong).sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The master's; its workers are its children. */
    long pid() {
        try {
            return Long.parseLong(Files.readString(folder.resolve("nginx.pid")).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        // The component takes the first child for the program itself: here that is a worker, which the master replaces.
        Command.of("kill", Long.toString(pid())).run();
        Await.until("the end of nginx", PATIENCE, () -> !process.running());
    }
}
