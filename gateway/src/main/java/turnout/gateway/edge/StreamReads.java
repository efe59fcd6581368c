package turnout.gateway.edge;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.Objects;

/** How far the client of an HTTP/2 connection has read each stream: what its windows tell. Used on the connection's event loop only. */
final class StreamReads extends Http2FrameListenerDecorator {
    private final Http2Connection connection;
    private final Http2RemoteFlowController flow;
    private final Http2Connection.PropertyKey updates;

    private StreamReads(Http2ConnectionHandler handler, Http2FrameListener listener) {
        super(listener);
        this.connection = handler.connection();
        this.flow = handler.encoder().flowController();
        this.updates = connection.newKey();
    }

    /** Listens in front of whoever listens so far. */
    static StreamReads watch(Http2ConnectionHandler handler) {
        StreamReads reads = new StreamReads(handler, handler.decoder().frameListener());
        handler.decoder().frameListener(reads);
        return reads;
    }

    /** Whether any stream is open. */
    boolean areOpen() {
        return connection.numActiveStreams() > 0;
    }

    /** Whether some of what was written to a stream waits for the client to make room. */
    boolean isBlocked(int streamId) {
        Http2Stream stream = connection.stream(streamId);
        return stream != null && flow.hasFlowControlled(stream);
    }

    /** Changes when the client makes room, or some of the answer left. */
    long progress(int streamId) {
        Http2Stream stream = connection.stream(streamId);
        return stream == null ? 0 : (updates(stream) << 32) + flow.windowSize(stream);
    }

    @Override
    public void onWindowUpdateRead(ChannelHandlerContext ctx, int streamId, int increment) throws Http2Exception {
        Http2Stream stream = connection.stream(streamId);
        if (stream != null && streamId != Http2CodecUtil.CONNECTION_STREAM_ID) {
            stream.setProperty(updates, updates(stream) + 1);
        }
        super.onWindowUpdateRead(ctx, streamId, increment);
    }

    private long updates(Http2Stream stream) {
        return Objects.requireNonNullElse(stream.<Long>getProperty(updates), 0L);
    }
}
