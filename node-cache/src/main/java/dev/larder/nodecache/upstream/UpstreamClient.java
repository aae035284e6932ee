package dev.larder.nodecache.upstream;

import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.metrics.CacheMetrics;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.source.Secret;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.StreamResetException;
import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * HTTP to one upstream and to wherever it redirects. Blocks the calling thread; transparent compression is off, redirects
 * are followed by hand so that credentials stay with the host they are for and nothing leads into this node.
 */
final class UpstreamClient implements AutoCloseable {

    /** After so long without an answer a shared connection is asked for a sign of life. */
    private static final Duration PROBE_AFTER = Duration.ofSeconds(1);

    private static final Duration PROBE = Duration.ofSeconds(1);
    private static final int MAX_ADDRESSES = 4;

    private final Connections connections;
    private final UpstreamSettings settings;
    private final CacheMetrics metrics;
    private final ProxyRules proxies;
    private final NameLookup names;

    UpstreamClient(
            UpstreamSettings settings,
            Connections connections,
            CacheMetrics metrics,
            ProxyRules proxies,
            NameLookup names) {
        this.settings = settings;
        this.connections = connections;
        this.metrics = metrics;
        this.proxies = proxies;
        this.names = names;
    }

    /** @param alone over HTTP/1.1 on a connection of its own */
    private record Question(
            String method,
            Map<String, String> headers,
            @Nullable Secret authorization,
            Outgoing.Body body,
            boolean alone) {
        static Question of(Endpoint endpoint, @Nullable Secret authorization, long from) {
            Map<String, String> headers = from > 0
                    ? Map.of("Accept", endpoint.accept(), "Range", "bytes=" + from + "-")
                    : Map.of("Accept", endpoint.accept());
            return new Question(endpoint.method(), headers, authorization, Outgoing.Body.NONE, endpoint.isContent());
        }

        Question overHttp1() {
            return new Question(method, headers, authorization, body, true);
        }
    }

    /**
     * Sends a request to the upstream and follows its redirects.
     *
     * @param from first byte wanted; 0 for all
     */
    UpstreamResponse send(Endpoint endpoint, @Nullable Secret authorization, long from, Deadline deadline)
            throws InterruptedException {
        Target target =
                Target.unpinned(URI.create(settings.url().getScheme() + "://" + settings.host() + endpoint.path()));
        Question own = Question.of(endpoint, authorization, from);
        Question anybodys = Question.of(endpoint, null, from);
        boolean inside = false;
        for (int hop = 0; hop <= RedirectRules.MAX_REDIRECTS; hop++) {
            boolean ours = RedirectRules.sameOrigin(settings.url(), target.uri());
            UpstreamResponse response = exchange(ours ? own : anybodys, target, deadline);
            if (!isRedirect(response.status())) {
                return response;
            }
            response.close();
            inside = hop == 0 ? response.inside() : inside;
            String location = response.header("location").orElse("");
            URI next = RedirectRules.follow(settings.url(), inside, target.uri(), location);
            target = RedirectRules.sameOrigin(target.uri(), next)
                    ? new Target(next, target.pinned())
                    : lookedAt(next, inside, deadline);
        }
        throw new UpstreamFailure(
                UpstreamFailure.Kind.MALFORMED,
                settings.host(),
                settings.host() + " redirected more than " + RedirectRules.MAX_REDIRECTS + " times");
    }

    /**
     * One request to a token server.
     *
     * @param inside whether the upstream that named it is inside this node
     * @param form to POST; null for GET
     */
    UpstreamResponse token(
            URI realm, boolean inside, @Nullable Secret authorization, @Nullable Secret form, Deadline deadline)
            throws InterruptedException {
        Question question = form == null
                ? new Question(
                        Endpoint.GET, Map.of("Accept", "application/json"), authorization, Outgoing.Body.NONE, false)
                : new Question(
                        Endpoint.POST,
                        Map.of("Accept", "application/json", "Content-Type", "application/x-www-form-urlencoded"),
                        authorization,
                        new Outgoing.Bytes(form.reveal().getBytes(StandardCharsets.UTF_8)),
                        false);
        return exchange(question, lookedAt(realm, inside, deadline), deadline);
    }

    /**
     * One request that writes, to the upstream itself or where it has led before; its redirects are not followed.
     *
     * @param inside whether the upstream is inside this node
     */
    UpstreamResponse push(Outgoing out, boolean inside, @Nullable Secret authorization, Deadline deadline)
            throws InterruptedException {
        boolean large = out.body() instanceof Outgoing.FilePart;
        Question question = new Question(out.method(), out.headers(), authorization, out.body(), large);
        return exchange(question, lookedAt(out.uri(), inside, deadline), deadline);
    }

    private Target lookedAt(URI uri, boolean inside, Deadline deadline) throws InterruptedException {
        if (RedirectRules.sameOrigin(settings.url(), uri)
                || proxies.towards(uri).isPresent()) {
            return Target.unpinned(uri);
        }
        String host = ProxyRules.unbracketed(uri.getHost());
        Optional<InetAddress> literal = RedirectRules.literal(host);
        List<InetAddress> addresses = literal.isPresent() ? List.of(literal.get()) : names.addresses(host, deadline);
        return new Target(uri, RedirectRules.checked(settings.url(), inside, addresses));
    }

    private static boolean isRedirect(int status) {
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    }

    private UpstreamResponse exchange(Question question, Target target, Deadline deadline) throws InterruptedException {
        try {
            HttpClientRequest request = connect(question, target, deadline);
            UpstreamResponse response = readable(answer(request, question.body(), target, deadline));
            metrics.upstreamRequest(settings.registry(), question.method(), Integer.toString(response.status()));
            return response;
        } catch (UpstreamFailure e) {
            metrics.upstreamRequest(
                    settings.registry(), question.method(), e.kind().name().toLowerCase(Locale.ROOT));
            if (!question.alone() && wantsHttp1(e)) {
                return exchange(question.overHttp1(), target, deadline);
            }
            throw e;
        }
    }

    /** Nothing of an answer is used of which a part could not be handed on. */
    private static UpstreamResponse readable(UpstreamResponse response) {
        Optional<String> garbled = response.garbled();
        if (garbled.isEmpty()) {
            return response;
        }
        response.close();
        throw new UpstreamFailure(
                UpstreamFailure.Kind.MALFORMED,
                response.host(),
                response.host() + " answered with a control character in " + garbled.get());
    }

    /** HTTP_1_1_REQUIRED, RFC 9113 section 7: some servers have HTTP/2 for a part of what they serve. */
    private static boolean wantsHttp1(UpstreamFailure failure) {
        return failure.getCause() instanceof StreamResetException reset && reset.getCode() == 0xd;
    }

    private HttpClientRequest connect(Question question, Target target, Deadline deadline) throws InterruptedException {
        List<InetAddress> addresses = target.pinned();
        int left = Math.min(addresses.size(), MAX_ADDRESSES);
        for (InetAddress address : addresses) {
            try {
                SocketAddress server =
                        SocketAddress.inetSocketAddress(RedirectRules.port(target.uri()), address.getHostAddress());
                return open(question, target, server, deadline.firstOf(left));
            } catch (UpstreamFailure e) {
                if (--left <= 0) {
                    throw e;
                }
            }
        }
        return open(question, target, null, deadline);
    }

    private HttpClientRequest open(Question question, Target target, @Nullable SocketAddress server, Deadline deadline)
            throws InterruptedException {
        URI uri = target.uri();
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.valueOf(question.method()))
                .setHost(uri.getHost())
                .setPort(RedirectRules.port(uri))
                .setSsl("https".equals(uri.getScheme()))
                .setURI(uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery()))
                .setConnectTimeout(Math.clamp(
                        deadline.remaining().toMillis(), 1, settings.connect().toMillis()))
                .putHeader("Accept-Encoding", "identity")
                .putHeader("User-Agent", "larder-node-cache");
        question.headers().forEach(options::putHeader);
        if (server != null) {
            options.setServer(server);
        }
        proxies.towards(uri).map(UpstreamClient::proxy).ifPresent(options::setProxyOptions);
        if (question.authorization() != null) {
            options.putHeader("Authorization", question.authorization().reveal());
        }
        boolean reads =
                question.method().equals(Endpoint.GET) || question.method().equals(Endpoint.HEAD);
        if (!reads) {
            options.putHeader("Content-Length", Long.toString(question.body().length()));
        }
        Future<HttpClientRequest> opened = connections.open(options, question.alone());
        boolean taken = false;
        try {
            HttpClientRequest request = Futures.await(opened, deadline, uri.getAuthority());
            taken = true;
            return request;
        } finally {
            if (!taken) {
                // One that comes too late would keep its place in the pool for good.
                opened.onSuccess(HttpClientRequest::reset);
            }
        }
    }

    private static ProxyOptions proxy(ProxyRules.Proxy proxy) {
        ProxyOptions options = new ProxyOptions().setHost(proxy.host()).setPort(proxy.port());
        if (proxy.user() != null) {
            String password = proxy.password() == null ? "" : proxy.password().reveal();
            options.setUsername(proxy.user()).setPassword(password);
        }
        return options;
    }

    private UpstreamResponse answer(HttpClientRequest request, Outgoing.Body sent, Target target, Deadline deadline)
            throws InterruptedException {
        String host = target.uri().getAuthority();
        Duration patience = deadline.remaining();
        boolean answered = false;
        try {
            UpstreamBody body = new UpstreamBody(host, request, n -> metrics.upstreamBytes(settings.registry(), n));
            boolean tapped = BodyTap.direct(request.connection(), body);
            // The answer's future tells it too; with no handler here, Vert.x logs each request given up as an error.
            request.exceptionHandler(known -> {});
            Future<UpstreamResponse> response =
                    request.response().map(head -> take(body, tapped, request, head, target));
            if (!new OutgoingBody(request, host).send(sent, response)) {
                body.isUnwanted();
            }
            Deadline end = sent instanceof Outgoing.FilePart ? Deadline.in(patience) : deadline;
            UpstreamResponse taken = request.version() == HttpVersion.HTTP_2
                    ? unlessSilent(request.connection(), response, target, end)
                    : Futures.await(response, end, host);
            answered = true;
            return taken;
        } finally {
            if (!answered) {
                request.reset();
            }
        }
    }

    /**
     * Waits for an answer over a shared connection. One that is dead without a sign of it, as behind a firewall that has
     * forgotten it, would swallow every later request too: it is pinged (RFC 9113 section 6.7) and closed if need be, which
     * is told like any broken connection, so that the request is made again over a new one (Http2IT).
     */
    private static <T> T unlessSilent(HttpConnection connection, Future<T> response, Target target, Deadline deadline)
            throws InterruptedException {
        String host = target.uri().getAuthority();
        try {
            return Futures.await(response, deadline.orIn(PROBE_AFTER), host);
        } catch (UpstreamFailure e) {
            if (e.kind() != UpstreamFailure.Kind.TIMEOUT || deadline.isOver()) {
                throw e;
            }
        }
        try {
            Futures.await(connection.ping(Buffer.buffer(new byte[8])), deadline.orIn(PROBE), host);
        } catch (UpstreamFailure silent) {
            leave(connection, host);
            throw new UpstreamFailure(
                    UpstreamFailure.Kind.UNREACHABLE, host, host + " left its connection silent", null, silent);
        }
        return Futures.await(response, deadline, host);
    }

    /** Returns when it has left the pool: who asks again at once would be given it again. */
    private static void leave(HttpConnection connection, String host) throws InterruptedException {
        try {
            Futures.await(connection.shutdown(Duration.ZERO), Deadline.in(PROBE), host);
        } catch (UpstreamFailure e) {
            // It goes by itself.
        }
    }

    /** On the response's own context, before any of its body can arrive. */
    private UpstreamResponse take(
            UpstreamBody body, boolean tapped, HttpClientRequest request, HttpClientResponse head, Target target) {
        Map<String, String> headers = new TreeMap<>();
        head.headers().forEach((name, value) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            headers.merge(lower, value, (first, second) -> UpstreamResponse.both(lower, first, second));
        });
        String length = headers.getOrDefault("content-length", "");
        boolean small = HttpMethod.HEAD.equals(request.getMethod()) || length.matches("\\d{1,4}");
        body.start(head, small);
        if (!tapped) {
            body.takeFrom(head);
        }
        String host = target.uri().getAuthority();
        return new UpstreamResponse(host, head.statusCode(), headers, isInside(request, target.uri()), body);
    }

    /** By where the connection really leads, but for one to a proxy. */
    private boolean isInside(HttpClientRequest request, URI uri) {
        if (proxies.towards(uri).isPresent()) {
            return RedirectRules.isInternal(ProxyRules.unbracketed(uri.getHost()));
        }
        SocketAddress address = request.connection().remoteAddress(true);
        return address != null
                && RedirectRules.literal(Objects.requireNonNullElse(address.hostAddress(), ""))
                        .map(RedirectRules::isInternal)
                        .orElse(false);
    }

    @Override
    public void close() {
        connections.close();
    }
}
