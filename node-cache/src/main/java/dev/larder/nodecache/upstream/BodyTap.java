package dev.larder.nodecache.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import org.jspecify.annotations.Nullable;

/**
 * Takes the bytes of response bodies off a connection before Vert.x copies them to the heap: a blob then goes from the
 * socket's buffer to the hash and the file. Heads and ends pass. Knows one exchange at a time, as HTTP/1.1 without
 * pipelining has it.
 */
final class BodyTap extends ChannelInboundHandlerAdapter {

    /** What one read of a socket can bring, and one piece of a body. */
    static final int PIECE = 256 * 1024;

    private static final String NAME = "body-tap";

    private volatile @Nullable Taker taker;

    /** Where the bytes go. */
    interface Taker {
        /** On the connection's event loop; the buffer is the taker's to release. */
        void take(ByteBuf bytes, Flow from);
    }

    /** Where bytes come from, as far as they can be held back. */
    interface Flow {
        /** On the connection's event loop. */
        void stop();

        /** On any thread. */
        void goOn();
    }

    private record Socket(Channel channel) implements Flow {
        @Override
        public void stop() {
            channel.config().setAutoRead(false);
        }

        @Override
        public void goOn() {
            channel.config().setAutoRead(true);
        }
    }

    private BodyTap() {}

    /** Called once for each connection, before anything is sent on it. One over HTTP/2 stays as it is. */
    static void install(HttpConnection connection) {
        Channel channel = ((ConnectionBase) connection).channel();
        if (channel.pipeline().get(HttpClientCodec.class) == null) {
            return;
        }
        channel.config().setRecvByteBufAllocator(new AdaptiveRecvByteBufAllocator(1024, 16 * 1024, PIECE));
        channel.pipeline().addBefore("handler", NAME, new BodyTap());
    }

    /**
     * Says where the body of the next response on this connection goes.
     *
     * @return false when the connection has no tap, and the body comes as Vert.x gives it
     */
    static boolean direct(HttpConnection connection, Taker taker) {
        BodyTap tap =
                (BodyTap) ((ConnectionBase) connection).channel().pipeline().get(NAME);
        if (tap == null) {
            return false;
        }
        tap.taker = taker;
        return true;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        Taker to = taker;
        if (to == null
                || !(message instanceof HttpContent content)
                || !content.content().isReadable()
                || content.decoderResult().isFailure()) {
            context.fireChannelRead(message);
            return;
        }
        to.take(content.content(), new Socket(context.channel()));
        if (content instanceof LastHttpContent last) {
            var end = new DefaultLastHttpContent();
            end.trailingHeaders().set(last.trailingHeaders());
            context.fireChannelRead(end);
        }
    }
}
