package turnout.gateway.edge;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.Http1xOrH2CHandler;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Vert.x's decoder of HTTP/1.1, which also sees the bytes of each head as they stood. Netty's unfolds a header value that goes on in a
 * second line, which others read as a header of its own, and nothing of it is left to refuse afterwards.
 */
final class HeadDecoder extends VertxHttpRequestDecoder {
    private final Runnable begun;
    private boolean isInHead = true;
    private boolean hasBegun;
    private boolean isAtLineStart;
    private boolean isFolded;

    /**
     * @param begun told when some of a head has come
     */
    private HeadDecoder(HttpServerOptions options, Runnable begun) {
        super(options);
        this.begun = begun;
    }

    /** Takes the place of Vert.x's decoder, which has read nothing yet; null where none stands, as in HTTP/2. */
    static @Nullable HeadDecoder install(ChannelPipeline pipeline, HttpServerOptions options, Runnable begun) {
        HttpRequestDecoder old = pipeline.get(HttpRequestDecoder.class);
        if (old == null || old instanceof HeadDecoder) {
            return (HeadDecoder) old;
        }
        HeadDecoder decoder = new HeadDecoder(options, begun);
        pipeline.replace(old, pipeline.context(old).name(), decoder);
        return decoder;
    }

    /**
     * Does so between the first bytes and the decoder: without TLS Vert.x makes one when those bytes are no HTTP/2, in the same step that
     * hands them on.
     */
    static void installWithFirstBytes(ChannelPipeline pipeline, HttpServerOptions options, Runnable begun) {
        ChannelHandlerContext detector = pipeline.context(Http1xOrH2CHandler.class);
        if (detector == null) {
            return;
        }
        pipeline.addAfter(detector.name(), null, new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object firstBytes) {
                HeadDecoder ignored = install(ctx.pipeline(), options, begun);
                ctx.pipeline().remove(this);
                ctx.fireChannelRead(firstBytes);
            }
        });
    }

    /** Whether some of the next head is there, while its end is not. */
    boolean hasBegun() {
        return hasBegun;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf buffer, List<Object> out) throws Exception {
        int from = buffer.readerIndex();
        int known = out.size();
        super.decode(ctx, buffer, out);
        if (isInHead) {
            begin();
            look(buffer, from, buffer.readerIndex());
        }
        for (Object message : out.subList(known, out.size())) {
            decoded(message);
        }
    }

    private void begin() {
        if (!hasBegun) {
            hasBegun = true;
            begun.run();
        }
    }

    private void look(ByteBuf buffer, int from, int to) {
        int at = from;
        while (at < to) {
            byte next = buffer.getByte(at);
            isFolded |= isAtLineStart && (next == ' ' || next == '\t');
            int end = buffer.indexOf(at, to, (byte) '\n');
            isAtLineStart = end >= 0;
            at = end < 0 ? to : end + 1;
        }
    }

    private void decoded(Object message) {
        if (message instanceof HttpMessage head) {
            if (isFolded) {
                head.setDecoderResult(DecoderResult.failure(new IllegalArgumentException("a folded header")));
            }
            isInHead = false;
            hasBegun = false;
            isAtLineStart = false;
            isFolded = false;
        }
        if (message instanceof LastHttpContent) {
            isInHead = true;
        }
    }
}
