package turnout.gateway.edge;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.Future;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.HttpServerConnection;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import turnout.spi.Ticker;

/**
 * Watches one connection from its accept to its end, and closes it when its client
 *
 * <ul>
 *   <li>does not complete a head in time: counted from the accept, and later from the head's first byte, so that single bytes win nothing.
 *       In HTTP/2 preface and SETTINGS count as the head; with TLS the handshake is part of the time.
 *   <li>has no request open and nothing to say,
 *   <li>does not read what was written to it.
 * </ul>
 *
 * First in the pipeline, before TLS. Used on the connection's event loop only.
 */
final class ConnectionGuard extends ChannelInboundHandlerAdapter {
    private static final long GOAWAY_SECONDS = 5;

    private final HttpServerOptions options;
    private final Ticker ticker;
    private final long headNanos;
    private final long idleNanos;
    private final long stallNanos;
    private final long checkNanos;

    private @Nullable ChannelHandlerContext context;
    private @Nullable ScheduledFuture<?> timer;
    private @Nullable HttpConnection connection;
    private @Nullable HeadDecoder decoder;
    private @Nullable StreamReads streams;

    // Since when: the head has begun, or nothing has been asked.
    private long since;
    private boolean awaitsHead = true;
    private boolean isLeaving;
    private int openRequests;

    private long stalledSince;
    private long outputSeen;

    ConnectionGuard(EdgeConfig config, HttpServerOptions options, Ticker ticker) {
        this.options = options;
        this.ticker = ticker;
        this.headNanos = config.headTimeout().toNanos();
        this.idleNanos = config.keepAlive().toNanos();
        this.stallNanos = config.writeStall().toNanos();
        // A deadline is never nearer than this when its clock starts, but for the stall's: that one is looked at often.
        this.checkNanos = LongStream.of(headNanos, idleNanos, Math.max(1, stallNanos / 4))
                .min()
                .getAsLong();
    }

    /** The guard of a connection; none if it was accepted in the moment before the listener's port was known. */
    static Optional<ConnectionGuard> of(HttpConnection connection) {
        return connection instanceof HttpServerConnection server
                ? Optional.ofNullable(server.channelHandlerContext().pipeline().get(ConnectionGuard.class))
                : Optional.empty();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        since = ticker.nanos();
        stalledSince = since;
        schedule(checkNanos);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        HeadDecoder.installWithFirstBytes(ctx.pipeline(), options, this::headBegun);
        ctx.fireChannelActive();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (timer != null) {
            timer.cancel(false);
        }
        ctx.fireChannelInactive();
    }

    /** Vert.x tells of the connection: after the first head, with TLS before it, in HTTP/2 after SETTINGS. */
    void opened(HttpServerConnection told) {
        connection = told;
        Http2ConnectionHandler http2 = told.channelHandlerContext().pipeline().get(Http2ConnectionHandler.class);
        if (http2 == null) {
            decoder = HeadDecoder.install(told.channelHandlerContext().pipeline(), options, this::headBegun);
        } else {
            streams = StreamReads.watch(http2);
            since = ticker.nanos();
            awaitsHead = false;
        }
    }

    /** A head is complete. */
    void requested() {
        openRequests++;
        awaitsHead = false;
    }

    /** A request has its answer, which may still be on its way out. */
    void answered() {
        openRequests--;
        since = ticker.nanos();
        awaitsHead = openRequests == 0 && decoder != null && decoder.hasBegun();
    }

    /** What the client has read of a stream; empty for HTTP/1.1, where a stream is the connection. */
    Optional<StreamReads> streams() {
        return Optional.ofNullable(streams);
    }

    private void headBegun() {
        if (!awaitsHead && openRequests == 0) {
            awaitsHead = true;
            since = ticker.nanos();
        }
    }

    private void schedule(long nanos) {
        ChannelHandlerContext ctx = context;
        if (ctx != null) {
            timer = ctx.executor().schedule(this::check, nanos, TimeUnit.NANOSECONDS);
        }
    }

    private void check() {
        ChannelHandlerContext ctx = context;
        if (ctx == null || !ctx.channel().isOpen()) {
            return;
        }
        long now = ticker.nanos();
        boolean isWriting = isWriting(ctx, now);
        if (isWriting && now - stalledSince >= stallNanos) {
            close(ctx);
            return;
        }
        boolean isAnswering = connection != null && isWriting;
        if (isAnswering || openRequests > 0 || (streams != null && streams.areOpen())) {
            // What waits to be read is no idleness, and the next head may come when it has been.
            since = now;
            schedule(checkNanos);
            return;
        }
        long left = (awaitsHead ? headNanos : idleNanos) - (now - since);
        if (left > 0) {
            schedule(Math.min(left, checkNanos));
        } else {
            leave(ctx);
        }
    }

    private void leave(ChannelHandlerContext ctx) {
        if (streams == null || connection == null || isLeaving) {
            close(ctx);
            return;
        }
        // GOAWAY first: a client that sends its next request at this moment sees that it was not taken.
        isLeaving = true;
        since = ticker.nanos();
        Future<Void> ignored = connection.shutdown(GOAWAY_SECONDS, TimeUnit.SECONDS);
        schedule(checkNanos);
    }

    /** Past Vert.x, whose close waits until everything is flushed. */
    private static void close(ChannelHandlerContext ctx) {
        ChannelFuture ignored = ctx.close();
    }

    /** Whether something waits for the socket. Netty counts what it has written of the first message; new ones behind it are no progress. */
    private boolean isWriting(ChannelHandlerContext ctx, long now) {
        ChannelOutboundBuffer output = ctx.channel().unsafe().outboundBuffer();
        if (output == null || output.totalPendingWriteBytes() == 0) {
            stalledSince = now;
            return false;
        }
        long seen = 31L * System.identityHashCode(output.current()) + output.currentProgress();
        if (seen != outputSeen) {
            outputSeen = seen;
            stalledSince = now;
        }
        return true;
    }
}
