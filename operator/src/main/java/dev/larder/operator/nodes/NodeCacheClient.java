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
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks node caches for their status, over TLS with certificates on both sides; those from before they had that, without. A
 * call returns within its deadline whatever the nodes do; who has not answered by then is reported as silent. Who answered
 * last time is asked twice before that.
 */
public final class NodeCacheClient {

    /** At once, over all reconciles. */
    private static final int PARALLEL = 64;

    /** Of those that did not answer when they were asked last, each of which may hold its place for all of {@link #EACH}. */
    private static final int PARALLEL_SILENT = 16;

    /** So many nodes does nobody have; beyond it, all count as well again. */
    private static final int MOST_SILENT = 20_000;

    private static final Duration EACH = Duration.ofSeconds(2);
    /** A status is a few kilobytes; this is for whatever else may listen on that port. */
    private static final int MAX_BYTES = 1 << 20;

    private static final ObjectReader READER = new ObjectMapper().readerFor(NodeReport.class);

    private final Supplier<HttpClient> connections;
    private final HttpClient plain;
    private final ExecutorService threads;
    private final Duration deadline;
    private final Semaphore places = new Semaphore(PARALLEL);
    private final Semaphore placesOfSilent = new Semaphore(PARALLEL_SILENT);
    private final Set<Address> silent = ConcurrentHashMap.newKeySet();

    /**
     * @param connections clients that show the operator's certificate and know the node caches'
     * @param plain for node caches from before
     * @param threads runs one task a node; virtual threads, since they only wait
     */
    public NodeCacheClient(
            Supplier<HttpClient> connections, HttpClient plain, ExecutorService threads, Duration deadline) {
        this.connections = connections;
        this.plain = plain;
        this.threads = threads;
        this.deadline = deadline;
    }

    /**
     * Where a node cache can be asked.
     *
     * @param tls over the listener for the operator; false for the plain one that told it to everybody once
     */
    public record Address(String host, int port, boolean tls) {
        URI status() {
            return status(0);
        }

        private URI status(int names) {
            String authority = (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
            String query = names > 0 ? "?waiting=" + names : "";
            return URI.create(
                    tls ? "https://" + authority + "/jobs/v1/status" + query : "http://" + authority + "/status");
        }
    }

    /** The answer of every node, under the keys given. */
    public Map<String, NodeAnswer> askAll(Map<String, Address> nodes) throws InterruptedException {
        return askAll(nodes, 0);
    }

    /**
     * The same.
     *
     * @param names of how many waiting tags each node is to give the short names, if no more wait there; at most 20,000
     */
    public Map<String, NodeAnswer> askAll(Map<String, Address> nodes, int names) throws InterruptedException {
        List<Map.Entry<String, Address>> order = new ArrayList<>(nodes.entrySet());
        // Where the time is too short for all of them, it is not always for the same ones.
        Collections.shuffle(order);
        Ways ways = ways(nodes.values().stream().anyMatch(Address::tls));
        List<Callable<NodeAnswer>> questions = order.stream()
                .<Callable<NodeAnswer>>map(node -> () -> ask(node.getValue(), ways, names))
                .toList();
        List<Future<NodeAnswer>> answers = threads.invokeAll(questions, deadline.toMillis(), TimeUnit.MILLISECONDS);
        Map<String, NodeAnswer> byNode = new HashMap<>();
        for (int i = 0; i < order.size(); i++) {
            byNode.put(order.get(i).getKey(), answer(order.get(i).getValue(), answers.get(i)));
        }
        return byNode;
    }

    /** @param missing why there is no client over TLS; empty when there is, or none is needed */
    private record Ways(HttpClient plain, @Nullable HttpClient tls, String missing) {}

    /** Once for all nodes: what is missing for one is missing for the others. */
    private Ways ways(boolean tls) {
        try {
            return new Ways(plain, tls ? connections.get() : null, "");
        } catch (CertificatesMissing e) {
            return new Ways(plain, null, String.valueOf(e.getMessage()));
        }
    }

    private NodeAnswer answer(Address address, Future<NodeAnswer> done) throws InterruptedException {
        try {
            return done.get();
        } catch (CancellationException e) {
            return new NodeAnswer.Silent(address.status() + ": no answer within " + deadline.toMillis() + " ms");
        } catch (ExecutionException e) {
            throw new IllegalStateException("asking a node cache failed in a way that is not its fault", e.getCause());
        }
    }

    private NodeAnswer ask(Address address, Ways ways, int names) throws InterruptedException {
        HttpClient http = address.tls() ? ways.tls() : ways.plain();
        if (http == null) {
            return new NodeAnswer.Silent(address.status() + ": " + ways.missing());
        }
        if (!silent.contains(address)) {
            NodeAnswer answer = ask(places, http, address, names);
            if (!silent.contains(address)) {
                return answer;
            }
            // It answered when it was asked last: one that is late, or just starts again, is not worth an alarm.
        }
        // Else many that are gone would take all the places, and with them the time of those that are well.
        return ask(placesOfSilent, http, address, names);
    }

    private NodeAnswer ask(Semaphore from, HttpClient http, Address address, int names) throws InterruptedException {
        from.acquire();
        boolean answered = false;
        try {
            HttpRequest request = HttpRequest.newBuilder(address.status(names))
                    .timeout(EACH)
                    .GET()
                    .build();
            HttpResponse<InputStream> response = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                byte[] content = body.readNBytes(MAX_BYTES);
                answered = true;
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
            remember(address, answered);
            from.release();
        }
    }

    private void remember(Address address, boolean answered) {
        if (answered) {
            silent.remove(address);
        } else {
            if (silent.size() >= MOST_SILENT) {
                silent.clear(); // those of nodes that are no more, too
            }
            silent.add(address);
        }
    }
}
