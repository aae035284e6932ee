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

/**
 * nginx with sendfile and its access log, as its packages have it: what hits are measured beside, and for misses the
 * upstream, since nothing serves a file faster. A second port gives 100 MB/s a connection.
 */
final class Nginx implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int LIMITED_RATE = 100_000_000;

    private final Component process;
    private final Path pidFile;
    private final URI full;
    private final URI limited;

    private Nginx(Component process, Path pidFile, URI full, URI limited) {
        this.process = process;
        this.pidFile = pidFile;
        this.full = full;
        this.limited = limited;
    }

    static Nginx start(BenchTools tools, Content content, Path folder) {
        int full = Ports.free();
        int limited = Ports.free();
        try {
            Path settings = Files.writeString(folder.resolve("nginx.conf"), settings(folder, content, full, limited));
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
            Await.until("the start of nginx", PATIENCE, () -> Ports.listening(full), process::logTail);
            return new Nginx(process, folder.resolve("nginx.pid"), Ports.url(full), Ports.url(limited));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String settings(Path folder, Content content, int full, int limited) {
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
                }
                """.formatted(folder, full, common, limited, LIMITED_RATE);
    }

    URI full() {
        return full;
    }

    URI limited() {
        return limited;
    }

    /** The master's; its workers are its children. */
    long pid() {
        try {
            return Long.parseLong(Files.readString(pidFile).strip());
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
