package dev.larder.e2e.upstream;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Debian's {@code docker-registry} (distribution 2.8): its settings, its command line, and whether it answers. */
record DockerRegistry(Path program, Path settings, URI address) {
    /** Keeps its content in {@code storage}; its settings file is written beside it. */
    static DockerRegistry at(Path program, Path storage, String host, int port) {
        return write(program, storage, host, port, "http", "", "");
    }

    /** The same for those only whom {@code auth} lets in: the section of that name, in one line of YAML. */
    static DockerRegistry closed(Path program, Path storage, String host, int port, String auth) {
        return write(program, storage, host, port, "http", "", "auth: " + auth);
    }

    /** The same with TLS. */
    static DockerRegistry at(Path program, Path storage, String host, int port, Path certificate, Path key) {
        String tls = ", tls: {certificate: " + certificate + ", key: " + key + "}";
        return write(program, storage, host, port, "https", tls, "");
    }

    private static DockerRegistry write(
            Path program, Path storage, String host, int port, String scheme, String tls, String auth) {
        try {
            Files.createDirectories(storage);
            Path settings = storage.resolveSibling(storage.getFileName() + "-" + host + "-" + port + ".yml");
            Files.writeString(settings, """
                    version: 0.1
                    log: {level: warn, accesslog: {disabled: true}}
                    storage:
                      filesystem: {rootdirectory: %s}
                      delete: {enabled: true}
                      maintenance: {uploadpurging: {enabled: false}}
                    http: {addr: "%s:%d", relativeurls: true%s}
                    %s
                    """.formatted(storage, host, port, tls, auth));
            return new DockerRegistry(program, settings, URI.create(scheme + "://" + host + ":" + port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<String> line() {
        return List.of(program.toString(), "serve", settings.toString());
    }

    /** The digest that the tag of {@code repository:tag} stands for. */
    String digest(HttpClient client, String image) {
        int colon = image.lastIndexOf(':');
        URI uri = address.resolve("/v2/" + image.substring(0, colon) + "/manifests/" + image.substring(colon + 1));
        HttpRequest request = HttpRequest.newBuilder(uri)
                .HEAD()
                .header("Accept", "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json")
                .timeout(Duration.ofSeconds(5))
                .build();
        try {
            HttpResponse<Void> answer = client.send(request, HttpResponse.BodyHandlers.discarding());
            return answer.headers()
                    .firstValue("Docker-Content-Digest")
                    .orElseThrow(() -> new IllegalStateException(uri + " gave " + answer.statusCode()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking " + uri, e);
        }
    }

    /** The tags of a repository; none of one that is not there. */
    Set<String> tags(HttpClient client, String repository) {
        HttpRequest request = HttpRequest.newBuilder(address.resolve("/v2/" + repository + "/tags/list"))
                .timeout(Duration.ofSeconds(5))
                .build();
        try {
            String answer =
                    client.send(request, HttpResponse.BodyHandlers.ofString()).body();
            Set<String> tags = new TreeSet<>();
            new ObjectMapper().readTree(answer).path("tags").forEach(tag -> tags.add(tag.asText()));
            return tags;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking " + request.uri(), e);
        }
    }

    boolean answers(HttpClient client) {
        HttpRequest request = HttpRequest.newBuilder(address.resolve("/v2/"))
                .timeout(Duration.ofSeconds(2))
                .build();
        try {
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() < 500;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
