package turnout.gateway.edge;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.internal.http.HttpServerRequestInternal;
import io.vertx.core.internal.http.HttpServerRequestWrapper;
import io.vertx.grpc.common.GrpcHeaderNames;
import org.jspecify.annotations.Nullable;
import turnout.gateway.call.RefusedException;

/** The HTTP request under an RPC: counts its bytes as they arrive, for Vert.x gathers a message before it tells of it. */
final class IncomingRpc extends HttpServerRequestWrapper {
    private final BodyReader reader;
    private final IncomingBytes.Share share;
    private final long mostBytes;
    private long received;
    private @Nullable Handler<RefusedException> overflow;
    private @Nullable Runnable undecodable;
    private boolean isUndecodable;

    /**
     * @param mostBytes on the whole stream; more ends it
     */
    IncomingRpc(HttpServerRequest request, BodyReader reader, long mostBytes) {
        super((HttpServerRequestInternal) request);
        this.reader = reader;
        this.share = reader.share();
        this.mostBytes = mostBytes;
        request.response().bodyEndHandler(answered -> share.close());
        request.response().closeHandler(closed -> share.close());
    }

    @Override
    public HttpServerRequest handler(@Nullable Handler<Buffer> handler) {
        super.handler(handler == null ? null : chunk -> chunk(chunk, handler));
        return this;
    }

    @Override
    public HttpServerRequest endHandler(@Nullable Handler<Void> handler) {
        super.endHandler(handler == null ? null : end -> decode(() -> handler.handle(null)));
        return this;
    }

    /** Who answers instead when a message says that it is compressed, but no header says how. */
    void onUndecodable(Runnable answer) {
        undecodable = answer;
    }

    /** Who answers instead when too much is in memory; without anybody the stream is reset. */
    void onOverflow(Handler<RefusedException> answer) {
        overflow = answer;
    }

    /** What the message became when it was inflated. */
    void inflated(long bytes) {
        if (!share.take(bytes)) {
            throw share.full();
        }
    }

    /** Resets the stream when the client does not read the answer. */
    void guardWrite(Future<Void> written) {
        reader.guardWrite(this, written);
    }

    private void chunk(Buffer chunk, Handler<Buffer> next) {
        received += chunk.length();
        if (received <= mostBytes && share.take(chunk.length())) {
            decode(() -> next.handle(chunk));
        } else if (!share.isClosed()) {
            // From here on chunks are dropped.
            share.close();
            overflowed();
        }
    }

    /** Vert.x 5.0 throws for such a message, once for every event that follows, and nobody would answer. */
    private void decode(Runnable step) {
        if (isUndecodable) {
            return;
        }
        try {
            step.run();
        } catch (UnsupportedOperationException e) {
            if (getHeader(GrpcHeaderNames.GRPC_ENCODING) != null) {
                throw e;
            }
            isUndecodable = true;
            share.close();
            if (undecodable == null) {
                HangUp.now(this);
            } else {
                undecodable.run();
            }
        }
    }

    private void overflowed() {
        if (overflow == null) {
            HangUp.now(this);
        } else {
            overflow.handle(share.full());
        }
    }
}
