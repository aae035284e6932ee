package dev.larder.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.e2e.process.Command;
import dev.larder.e2e.toolchain.CacheFolder;
import dev.larder.e2e.toolchain.SourceTree;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code KEEP=1 make demo} as a person runs it: it ends with the hit ratio by a real Prometheus, what it prints to go on with
 * works, and the command it names takes all of it away.
 */
@Tag("alone") // it looks for what its clusters leave on the machine
class DemoE2E {
    private static final Duration LIMIT = Duration.ofMinutes(8);
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final Pattern RATIO =
            Pattern.compile("(?m)^Hit ratio of docker\\.io by Prometheus (\\d[^ ]+) \\([a-z0-9:_]+\\): (\\d+)%$");
    private static final Pattern END = Pattern.compile("End both with: (make .+)");
    private static final Pattern QUERY = Pattern.compile("(?m)^  (http://\\S+/api/v1/query\\S+)$");

    /** All that is slow to make, but no clusters: cluster-down ends every one that a cache folder has. */
    @TempDir
    private Path cache;

    @TempDir
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private NewTraces traces;

    @BeforeEach
    void shareTheCache() throws IOException {
        Path shared = CacheFolder.ofEnvironment().root();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(shared)) {
            for (Path entry : entries) {
                if (!entry.endsWith("clusters")) {
                    Files.createSymbolicLink(cache.resolve(entry.getFileName()), entry);
                }
            }
        }
        traces = new NewTraces(cache.resolve("clusters"));
    }

    @AfterEach
    void end() throws IOException {
        run("make cluster-down");
        try (DirectoryStream<Path> links = Files.newDirectoryStream(cache, Files::isSymbolicLink)) {
            for (Path link : links) {
                Files.delete(link);
            }
        }
    }

    @Test
    void keptDemo_endsWithTheHitRatio_andGoesOnUntilItIsEnded() throws Exception {
        String story = run("KEEP=1 make demo");
        Matcher ratio = RATIO.matcher(story);
        assertThat(ratio.find()).as(story).isTrue();
        assertThat(Integer.parseInt(ratio.group(2))).isBetween(50, 100);
        assertThat(story).doesNotContain("NOT AS PROMISED");

        assertThat(run(exports(story) + "kubectl get registrycaches,pods -A -o wide"))
                .contains("registrycache.larder.dev/default", "pod/larder-operator-");
        URI query = URI.create(group(QUERY, story));
        assertThat(get(query)).contains("\"status\":\"success\"", "\"registry\":\"docker.io\"");
        assertThat(traces.find()).isNotEmpty();

        assertThat(run(group(END, story))).contains("1 cluster(s) ended");
        assertThat(traces.find()).isEmpty();
        assertThat(get(query)).doesNotContain("\"status\"");
    }

    /** The lines that a person is to paste first. */
    private static String exports(String story) {
        return story.lines()
                .map(String::strip)
                .filter(line -> line.startsWith("export "))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private static String group(Pattern pattern, String text) {
        Matcher found = pattern.matcher(text);
        assertThat(found.find()).as("%s in %s", pattern, text).isTrue();
        return found.group(1);
    }

    /** Empty where nothing answers; without the cluster, whoever is next on the way there may. */
    private static String get(URI url) throws InterruptedException {
        try (HttpClient client = HttpClient.newBuilder().connectTimeout(ANSWER).build()) {
            return client.send(
                            HttpRequest.newBuilder(url).timeout(ANSWER).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            return "";
        }
    }

    /** Without the build, which would change what this JVM runs; what goes on afterwards may hold its output open. */
    private String run(String commands) throws IOException {
        Path output = folder.resolve("output");
        Command.Result result = Command.of(
                        "sh", "-c", "exec >'" + output + "' 2>&1\n" + commands.replace("make ", "make -o build "))
                .with(Map.of("LARDER_CACHE", cache.toString(), "KUBECONFIG", "", "CLUSTER", "", "MAKEFLAGS", ""))
                .in(SourceTree.find())
                .within(LIMIT)
                .result();
        String said = Files.readString(output);
        assertThat(result.succeeded()).as("%s: %s", commands, said).isTrue();
        return said;
    }
}
