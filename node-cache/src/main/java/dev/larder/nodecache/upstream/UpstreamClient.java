package dev.larder.nodecache.upstream;

import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.metrics.CacheMetrics;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.source.Secret;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.TrustOptions;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * HTTP to one upstream and to wherever it redirects. Blocks the calling thread; transparent compression is off, redirects
 * are followed by hand so that credentials stay with the host they are for.
 */
final class UpstreamClient implements AutoCloseable {

    private static final int PIECE = 64 * 1024;
    private static final int MAX_HEADERS = 32 * 1024;
    private static final int OTHER_REQUESTS = 16;
    /** A net below our own, shorter waits. */
    private static final Duration FORGOTTEN_AFTER = Duration.ofSeconds(60);

    private final Vertx vertx;
    private final HttpClient http;
    private final UpstreamSettings settings;
    private final CacheMetrics metrics;
    private final ProxyRules proxies;

    UpstreamClient(Vertx vertx, UpstreamSettings settings, CacheMetrics metrics, ProxyRules proxies) {
        this.vertx = vertx;
        this.settings = settings;
        this.metrics = metrics;
        this.proxies = proxies;
        HttpClientOptions options = new HttpClientOptions()
                .setConnectTimeout((int) settings.connect().toMillis())
                .setDecompressionSupported(false)
                .setMaxChunkSize(PIECE)
                .setMaxHeaderSize(MAX_HEADERS)
                .setMaxInitialLineLength(MAX_HEADERS)
                .setTcpNoDelay(true)
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                .setIdleTimeout((int) settings.idle().plus(FORGOTTEN_AFTER).toMillis());
        if (settings.insecureSkipVerify()) {
            options.setTrustAll(true).setVerifyHost(false);
        } else if (settings.caFile() != null) {
            options.setTrustOptions(TrustOptions.wrap(Trust.systemAnd(settings.caFile())));
        }
        PoolOptions pool = new PoolOptions()
                .setHttp1MaxSize(settings.maxFills() + OTHER_REQUESTS)
                .setMaxWaitQueueSize(256);
        this.http = vertx.createHttpClient(options, pool);
    }

    /**
     * Sends a request to the upstream and follows its redirects.
     *
     * @param from first byte wanted; 0 for all
     */
    UpstreamResponse send(Endpoint endpoint, @Nullable Secret authorization, long from, Deadline deadline)
            throws InterruptedException {
        URI target = URI.create(settings.url().getScheme() + "://" + settings.host() + endpoint.path());
        for (int hop = 0; hop <= RedirectRules.MAX_REDIRECTS; hop++) {
            boolean ours = RedirectRules.sameOrigin(settings.url(), target);
            UpstreamResponse response =
                    exchange(endpoint.method(), target, endpoint.accept(), ours ? authorization : null, from, deadline);
            if (!isRedirect(response.status())) {
                return response;
            }
            response.close();
            target = RedirectRules.follow(
                    settings.url(), target, response.header("location").orElse(""));
        }
        throw new UpstreamFailure(
                UpstreamFailure.Kind.MALFORMED,
                settings.host(),
                settings.host() + " redirected more than " + RedirectRules.MAX_REDIRECTS + " times");
    }

    /** One GET to a token server. */
    UpstreamResponse token(URI realm, @Nullable Secret authorization, Deadline deadline) throws InterruptedException {
        return exchange(Endpoint.GET, realm, "application/json", authorization, 0, deadline);
    }

    private static boolean isRedirect(int status) {
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    }

    private UpstreamResponse exchange(
            String method, URI target, String accept, @Nullable Secret authorization, long from, Deadline deadline)
            throws InterruptedException {
        String host = target.getAuthority();
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.valueOf(method))
                .setHost(target.getHost())
                .setPort(RedirectRules.port(target))
                .setSsl("https".equals(target.getScheme()))
                .setURI(target.getRawPath() + (target.getRawQuery() == null ? "" : "?" + target.getRawQuery()))
                .setConnectTimeout(Math.max(
                        1,
                        Math.min(
                                settings.connect().toMillis(),
                                deadline.remaining().toMillis())))
                .putHeader("Accept", accept)
                .putHeader("Accept-Encoding", "identity")
                .putHeader("User-Agent", "larder-node-cache");
        proxies.towards(target).map(UpstreamClient::proxy).ifPresent(options::setProxyOptions);
        if (authorization != null) {
            options.putHeader("Authorization", authorization.reveal());
        }
        if (from > 0) {
            options.putHeader("Range", "bytes=" + from + "-");
        }
        try {
            HttpClientRequest request = Futures.await(http.request(options), deadline, host);
            UpstreamResponse response = answer(request, host, deadline);
            metrics.upstreamRequest(settings.registry(), method, Integer.toString(response.status()));
            return response;
        } catch (UpstreamFailure e) {
            metrics.upstreamRequest(settings.registry(), method, e.kind().name().toLowerCase(Locale.ROOT));
            throw e;
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

    private UpstreamResponse answer(HttpClientRequest request, String host, Deadline deadline)
            throws InterruptedException {
        boolean answered = false;
        try {
            var response = request.response().map(head -> take(request, head, host));
            request.end();
            UpstreamResponse taken = Futures.await(response, deadline, host);
            answered = true;
            return taken;
        } finally {
            if (!answered) {
                request.reset();
            }
        }
    }

    /** On the response's own context, before any of its body can arrive. */
    private UpstreamResponse take(HttpClientRequest request, HttpClientResponse head, String host) {
        head.pause();
        Context context = vertx.getOrCreateContext();
        Map<String, String> headers = new TreeMap<>();
        head.headers().forEach((name, value) -> headers.putIfAbsent(name.toLowerCase(Locale.ROOT), value));
        String length = headers.getOrDefault("content-length", "");
        boolean small = HttpMethod.HEAD.equals(request.getMethod()) || length.matches("\\d{1,4}");
        UpstreamBody body = new UpstreamBody(
                host, request, head, context, n -> metrics.upstreamBytes(settings.registry(), n), small);
        body.start();
        return new UpstreamResponse(host, head.statusCode(), headers, body);
    }

    @Override
    public void close() {
        http.close();
    }
}
