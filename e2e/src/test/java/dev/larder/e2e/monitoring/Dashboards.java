package dev.larder.e2e.monitoring;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.e2e.toolchain.SourceTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The queries of the dashboards of deploy/grafana, as Grafana would ask them. */
public final class Dashboards {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Dashboards() {}

    /** @param panel dashboard and title, for a person */
    public record Query(String panel, String expression) {}

    /** Every query of every panel, with all variables at All, over the last {@code range}. */
    public static List<Query> queries(String range) {
        var queries = new ArrayList<Query>();
        try (Stream<Path> files = Files.list(SourceTree.find().resolve("deploy/grafana"))) {
            for (Path file : files.sorted().toList()) {
                JsonNode dashboard = JSON.readTree(file.toFile());
                for (JsonNode panel : dashboard.path("panels")) {
                    for (JsonNode target : panel.path("targets")) {
                        String expression = target.path("expr")
                                .asText()
                                .replace("$__rate_interval", range)
                                .replace("$__range", range)
                                .replaceAll("\\$(registry|node|name)\\b", ".*");
                        queries.add(new Query(
                                dashboard.path("title").asText() + ": "
                                        + panel.path("title").asText(),
                                expression));
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return queries;
    }
}
