package dev.larder.operator.nodes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Asks one node cache what an upstream says now, or has it copy something to another registry, over TLS with certificates on
 * both sides. Never throws for an answer. Of a node cache that has enough to do, more is asked when that is done.
 */
public final class JobClient {

    /** Beyond what the node cache gives itself. */
    private static final Duration EACH = Duration.ofSeconds(35);

    private static final int MOST_NODES = 3;
    private static final int MAX_BYTES = 4 << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Fewer than a node cache has: it refuses what is beyond, and that would look like a failure of the upstream. */
    private static final int PLACES = 6;

    private final Supplier<HttpClient> connections;
    private final Duration limit;
    private final Map<Address, Semaphore> places = new ConcurrentHashMap<>();

    /** Where a node cache listens for the operator. */
    public record Address(String host, int port) {}

    /** One job, to be given to any node cache. */
    public interface Job {
        JobAnswer ask(Address node) throws InterruptedException;
    }

    /** The answer of the first that gives one, of a few: what an upstream or a target says, the next would say as well. */
    public static JobAnswer ofAny(List<Address> nodes, Job job) throws InterruptedException {
        JobAnswer answer = new JobAnswer.Failed("no node cache is ready", true);
        for (Address node : nodes.subList(0, Math.min(MOST_NODES, nodes.size()))) {
            answer = job.ask(node);
            if (!(answer instanceof JobAnswer.Failed failed && failed.byNode())) {
                return answer;
            }
        }
        return answer;
    }

    public JobClient(Supplier<HttpClient> connections) {
        this(connections, EACH);
    }

    /** @param limit for an answer, its body included */
    JobClient(Supplier<HttpClient> connections, Duration limit) {
        this.connections = connections;
        this.limit = limit;
    }

    /** @param image registry and repository */
    public JobAnswer tags(Address node, String image) throws InterruptedException {
        return ask(node, "tags", image);
    }

    /** @param image with a tag or a digest */
    public JobAnswer manifest(Address node, String image) throws InterruptedException {
        return ask(node, "manifest", image);
    }

    /**
     * Whether an image is signed with one of the keys.
     *
     * @param order as the node cache's README has it
     */
    public JobAnswer verify(Address node, ObjectNode order) throws InterruptedException {
        return order(node, "verify", order);
    }

    /**
     * Begins a copy or joins it, and waits a while for its end; to be asked again until it is done.
     *
     * @param order as the node cache's README has it
     */
    public JobAnswer copy(Address node, ObjectNode order) throws InterruptedException {
        return order(node, "copy", order);
    }

    /** @param order as the node cache's README has it */
    public JobAnswer untag(Address node, ObjectNode order) throws InterruptedException {
        return order(node, "untag", order);
    }

    private JobAnswer ask(Address node, String job, String image) throws InterruptedException {
        return send(
                node,
                HttpRequest.newBuilder(uri(node, job + "?image=" + URLEncoder.encode(image, StandardCharsets.UTF_8)))
                        .GET());
    }

    private JobAnswer order(Address node, String job, ObjectNode order) throws InterruptedException {
        return send(
                node,
                HttpRequest.newBuilder(uri(node, job)).POST(HttpRequest.BodyPublishers.ofString(order.toString())));
    }

    private static URI uri(Address node, String job) {
        String host = node.host().contains(":") ? "[" + node.host() + "]" : node.host();
        return URI.create("https://" + host + ":" + node.port() + "/jobs/v1/" + job);
    }

    private JobAnswer send(Address node, HttpRequest.Builder builder) throws InterruptedException {
        Semaphore place = places.computeIfAbsent(node, key -> new Semaphore(PLACES, true));
        place.acquire();
        try {
            return send(builder);
        } finally {
            place.release();
        }
    }

    private JobAnswer send(HttpRequest.Builder builder) throws InterruptedException {
        HttpRequest request = builder.timeout(limit).build();
        URI uri = request.uri();
        // The request's own timeout ends with the headers: a node that is lost in the middle of a body would be waited
        // for.
        CompletableFuture<HttpResponse<byte[]>> exchange = connections
                .get()
                .sendAsync(
                        request,
                        HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), MAX_BYTES));
        try {
            HttpResponse<byte[]> response = exchange.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return answer(response.statusCode(), JSON.readTree(response.body()));
        } catch (JsonProcessingException e) {
            return new JobAnswer.Failed(uri + " does not answer as a node cache: " + e.getOriginalMessage(), true);
        } catch (ExecutionException e) {
            return failed(uri, e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            return failed(uri, new IOException("no whole answer within " + limit.toSeconds() + " s", e));
        } catch (IOException e) {
            return failed(uri, e);
        } finally {
            exchange.cancel(true);
        }
    }

    private static JobAnswer failed(URI uri, Throwable cause) {
        String why = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return new JobAnswer.Failed("node cache " + uri.getAuthority() + ": " + why, true);
    }

    private static JobAnswer answer(int status, JsonNode body) {
        String error = body.path("error").asText("it answered " + status);
        return switch (status) {
            case 200 -> well(body);
            case 404 ->
                body.path("code").asText().equals("NAME_UNKNOWN")
                        ? new JobAnswer.Failed(error, true)
                        : new JobAnswer.Absent(error);
            case 401, 403 -> new JobAnswer.Refused(error);
            default -> new JobAnswer.Failed(error, false);
        };
    }

    private static JobAnswer well(JsonNode body) {
        if (body.has("tags")) {
            return new JobAnswer.Tags(texts(body.path("tags")));
        }
        if (body.has("done")) {
            return new JobAnswer.Copying(
                    body.path("done").asBoolean(), body.path("bytes").asLong());
        }
        if (body.has("signed")) {
            return new JobAnswer.Verified(
                    body.path("signed").asBoolean(), body.path("reason").asText());
        }
        return body.has("untagged")
                ? new JobAnswer.Untagged(body.path("untagged").asText())
                : new JobAnswer.Manifest(body.path("digest").asText());
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(each -> texts.add(each.asText()));
        return texts;
    }
}
