package dev.larder.operator.nodes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Asks node caches for their status. A call returns within its deadline whatever the nodes do; who has not answered by then
 * is reported as silent.
 */
public final class NodeCacheClient {

    /** At once, over all reconciles. */
    private static final int PARALLEL = 64;

    private static final Duration EACH = Duration.ofSeconds(2);
    /** A status is a few kilobytes; this is for whatever else may listen on that port. */
    private static final int MAX_BYTES = 1 << 20;

    private static final ObjectReader READER = new ObjectMapper().readerFor(NodeReport.class);

    private final HttpClient http;
    private final ExecutorService threads;
    private final Duration deadline;
    private final Semaphore slots = new Semaphore(PARALLEL);

    /** @param threads runs one task a node; virtual threads, since they only wait */
    public NodeCacheClient(HttpClient http, ExecutorService threads, Duration deadline) {
        this.http = http;
        this.threads = threads;
        this.deadline = deadline;
    }

    /** Where a node cache can be asked. */
    public record Address(String host, int port) {
        URI status() {
            return URI.create("http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port + "/status");
        }
    }

    /** The answer of every node, under the keys given. */
    public Map<String, NodeAnswer> askAll(Map<String, Address> nodes) throws InterruptedException {
        List<String> names = new ArrayList<>();
        List<Callable<NodeAnswer>> questions = new ArrayList<>();
        nodes.forEach((name, address) -> {
            names.add(name);
            questions.add(() -> ask(address));
        });
        List<Future<NodeAnswer>> answers = threads.invokeAll(questions, deadline.toMillis(), TimeUnit.MILLISECONDS);
        Map<String, NodeAnswer> byNode = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            byNode.put(names.get(i), answer(answers.get(i)));
        }
        return byNode;
    }

    private NodeAnswer answer(Future<NodeAnswer> done) throws InterruptedException {
        try {
            return done.get();
        } catch (CancellationException e) {
            return new NodeAnswer.Silent("no answer within " + deadline.toMillis() + " ms");
        } catch (ExecutionException e) {
            throw new IllegalStateException("asking a node cache failed in a way that is not its fault", e.getCause());
        }
    }

    private NodeAnswer ask(Address address) throws InterruptedException {
        slots.acquire();
        try {
            HttpRequest request =
                    HttpRequest.newBuilder(address.status()).timeout(EACH).GET().build();
            HttpResponse<InputStream> response = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                byte[] content = body.readNBytes(MAX_BYTES);
                return response.statusCode() == 200
                        ? new NodeAnswer.Said(READER.readValue(content))
                        : new NodeAnswer.Silent(address.status() + " answered " + response.statusCode());
            }
        } catch (JsonProcessingException e) {
            return new NodeAnswer.Silent(
                    address.status() + " does not answer as a node cache: " + e.getOriginalMessage());
        } catch (IOException e) {
            String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            return new NodeAnswer.Silent(address.status() + ": " + why);
        } finally {
            slots.release();
        }
    }
}
