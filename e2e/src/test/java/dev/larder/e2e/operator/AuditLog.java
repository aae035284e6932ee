package dev.larder.e2e.operator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** What one user has asked of an API server, as the server's own audit log has it. */
record AuditLog(Path policy, Path file) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> READS = Set.of("get", "list", "watch");

    /**
     * One request that was answered.
     *
     * @param resource with its subresource, as in {@code mirroredimages/status}
     */
    record Call(String verb, String resource, String name) {
        boolean isWrite() {
            return !READS.contains(verb);
        }

        /** Of the leader election, which goes on whatever there is to do. */
        boolean isOfTheLease() {
            return resource.equals("leases");
        }
    }

    static AuditLog in(Path folder) {
        return new AuditLog(folder.resolve("audit-policy.yaml"), folder.resolve("audit.log"));
    }

    /** What the API server is to be started with. */
    List<String> flags(String user) throws IOException {
        Files.writeString(policy, """
                apiVersion: audit.k8s.io/v1
                kind: Policy
                omitStages: [RequestReceived, ResponseStarted]
                rules:
                - {level: Metadata, users: ["%s"]}
                - {level: None}
                """.formatted(user));
        return List.of("--audit-policy-file=" + policy, "--audit-log-path=" + file, "--audit-log-maxsize=4000");
    }

    /** Where it ends now. */
    long mark() {
        return file.toFile().length();
    }

    /** Of the requests since then, those that have ended. */
    List<Call> since(long mark) {
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            in.seek(mark);
            byte[] bytes = new byte[Math.toIntExact(in.length() - mark)];
            in.readFully(bytes);
            String text = new String(bytes, StandardCharsets.UTF_8);
            return text.substring(0, text.lastIndexOf('\n') + 1)
                    .lines()
                    .map(AuditLog::call)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Call call(String line) {
        JsonNode event = json(line);
        JsonNode object = event.path("objectRef");
        String subresource = object.path("subresource").asText();
        return new Call(
                event.path("verb").asText(),
                object.path("resource").asText() + (subresource.isEmpty() ? "" : "/" + subresource),
                object.path("name").asText());
    }

    private static JsonNode json(String line) {
        try {
            return JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("not a line of an audit log: " + line, e);
        }
    }
}
