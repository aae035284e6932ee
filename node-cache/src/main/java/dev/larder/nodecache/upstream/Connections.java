package dev.larder.nodecache.upstream;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.TrustOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The connections to one upstream and to wherever it redirects, bounded for each server: one over HTTP/2 for everything
 * that is small, where the server has it (by ALPN; else HTTP/1.1), and HTTP/1.1 for the content of blobs, one connection a
 * download.
 *
 * <p>Blobs do not share the connection although its windows could be made large enough: then one event loop decrypts all of
 * them, a lost packet holds all of them up, and one that is read slowly may keep the connection's window from the others (RFC
 * 9113 section 5.2.1) and from the manifests. Measured on 2 cores with windows of 4 MiB a stream and 16 MiB together, from a
 * server in Go: four blobs at once came at 0.4x to 0.8x of the rate of four HTTP/1.1 connections and cost 1.3x to 1.7x the CPU a
 * byte; one alone, 0.7x to 0.9x.
 */
final class Connections implements AutoCloseable {

    private static final int MAX_HEADERS = 32 * 1024;
    private static final int OTHER_REQUESTS = 16;
    private static final int MAX_WAITING = 256;
    /** A manifest of 4 MiB in a few round trips, and several at once; the default would be 64 KiB for all together. */
    private static final int STREAM_WINDOW = 1 << 20;

    private static final int CONNECTION_WINDOW = 4 << 20;
    /** A net below our own, shorter waits. */
    private static final Duration FORGOTTEN_AFTER = Duration.ofSeconds(60);

    private final HttpClient shared;
    private final HttpClient single;

    /** With the trust that the settings ask for. @throws IllegalArgumentException when their caFile cannot be used */
    static Connections of(Vertx vertx, UpstreamSettings settings) {
        return new Connections(vertx, settings, settings.caFile() == null ? null : Trust.systemAnd(settings.caFile()));
    }

    /** @param trust null for the system's */
    Connections(Vertx vertx, UpstreamSettings settings, @Nullable TrustManager trust) {
        HttpClientOptions overHttp2 = options(settings, trust)
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setUseAlpn(true)
                .setAlpnVersions(List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1))
                .setInitialSettings(new Http2Settings()
                        .setInitialWindowSize(STREAM_WINDOW)
                        .setMaxHeaderListSize(MAX_HEADERS)
                        .setPushEnabled(false))
                .setHttp2ConnectionWindowSize(CONNECTION_WINDOW);
        this.shared = client(vertx, overHttp2, pool(OTHER_REQUESTS).setHttp2MaxSize(1));
        this.single = client(vertx, options(settings, trust), pool(settings.maxFills() + OTHER_REQUESTS));
    }

    private static HttpClient client(Vertx vertx, HttpClientOptions options, PoolOptions pool) {
        return vertx.httpClientBuilder()
                .with(options)
                .with(pool)
                .withConnectHandler(connection -> {
                    BodyTap.install(connection);
                    // Whoever uses it is told; with no handler here, Vert.x logs each broken connection as an error.
                    connection.exceptionHandler(known -> {});
                })
                .build();
    }

    private static PoolOptions pool(int size) {
        return new PoolOptions().setHttp1MaxSize(size).setMaxWaitQueueSize(MAX_WAITING);
    }

    private static HttpClientOptions options(UpstreamSettings settings, @Nullable TrustManager trust) {
        HttpClientOptions options = new HttpClientOptions()
                .setConnectTimeout((int) settings.connect().toMillis())
                .setDecompressionSupported(false)
                .setMaxChunkSize(BodyTap.PIECE)
                .setMaxHeaderSize(MAX_HEADERS)
                .setMaxInitialLineLength(MAX_HEADERS)
                .setTcpNoDelay(true)
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                .setIdleTimeout((int) settings.idle().plus(FORGOTTEN_AFTER).toMillis());
        if (settings.insecureSkipVerify()) {
            options.setTrustAll(true).setVerifyHost(false);
        } else if (trust != null) {
            options.setTrustOptions(TrustOptions.wrap(trust));
        }
        return options;
    }

    /** @param content whether the answer's body is a blob's */
    Future<HttpClientRequest> open(RequestOptions request, boolean content) {
        boolean encrypted = Boolean.TRUE.equals(request.isSsl());
        return (encrypted && !content ? shared : single).request(request);
    }

    @Override
    public void close() {
        shared.close();
        single.close();
    }
}
