package dev.larder.nodecache.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.error.UpstreamFailure;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClientRequest;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class UpstreamBodyTest {

    private static final Duration LONG = Duration.ofSeconds(20);
    private static final int HALF_A_WINDOW = 256 * 1024;

    private boolean stopped;
    private final BodyTap.Flow flow = new BodyTap.Flow() {
        @Override
        public void stop() {
            stopped = true;
        }

        @Override
        public void goOn() {
            stopped = false;
        }
    };
    private final AtomicInteger resets = new AtomicInteger();
    private final HttpClientRequest request = (HttpClientRequest) Proxy.newProxyInstance(
            getClass().getClassLoader(), new Class<?>[] {HttpClientRequest.class}, (self, method, arguments) -> {
                assertThat(method.getName()).isEqualTo("reset");
                resets.incrementAndGet();
                return Future.succeededFuture(true);
            });
    private final UpstreamBody body = new UpstreamBody("registry.test", request, n -> {});

    private ByteBuf arrive(int bytes) {
        ByteBuf piece = Unpooled.directBuffer(bytes).writeZero(bytes);
        body.take(piece, flow);
        return piece;
    }

    private int read() throws InterruptedException {
        ByteBuffer piece = body.read(LONG);
        return piece == null ? -1 : piece.remaining();
    }

    @Test
    void aFullWindowStopsTheSocketUntilThereIsRoom() throws InterruptedException {
        arrive(HALF_A_WINDOW);
        assertThat(stopped).isFalse();
        arrive(HALF_A_WINDOW);
        assertThat(stopped).isTrue();
        assertThat(read()).isEqualTo(HALF_A_WINDOW);
        assertThat(stopped).isFalse();
    }

    @Test
    void fewBytesAreGivenOutThoughNoMoreCome() throws Exception {
        arrive(10);
        assertThat(read()).isEqualTo(10);
        CompletableFuture<Integer> next = new CompletableFuture<>();
        Thread reader = Thread.ofVirtual().start(() -> {
            try {
                next.complete(read());
            } catch (InterruptedException | UpstreamFailure e) {
                next.completeExceptionally(e);
            }
        });
        arrive(20);
        assertThat(next.get(LONG.toSeconds(), java.util.concurrent.TimeUnit.SECONDS))
                .isEqualTo(20);
        reader.join();
    }

    @Test
    void aPieceLivesUntilTheNextIsRead() throws InterruptedException {
        ByteBuf first = arrive(10);
        arrive(10);
        assertThat(read()).isEqualTo(10);
        assertThat(first.refCnt()).isOne();
        assertThat(read()).isEqualTo(10);
        assertThat(first.refCnt()).isZero();
    }

    @Test
    void whatNobodyReadsIsReleasedByClose() throws InterruptedException {
        ByteBuf held = arrive(HALF_A_WINDOW);
        ByteBuf waiting = arrive(2 * HALF_A_WINDOW);
        assertThat(read()).isEqualTo(HALF_A_WINDOW);
        body.close();
        ByteBuf late = arrive(10);
        assertThat(held.refCnt() + waiting.refCnt() + late.refCnt()).isZero();
        assertThat(stopped).isFalse();
        assertThat(resets).hasValue(1);
    }
}
