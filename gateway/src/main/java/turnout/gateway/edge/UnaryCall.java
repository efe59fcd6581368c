package turnout.gateway.edge;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.grpc.common.GrpcError;
import io.vertx.grpc.common.GrpcMessage;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.InvalidMessageException;
import io.vertx.grpc.common.MessageSizeOverflowException;
import io.vertx.grpc.server.GrpcServerRequest;
import io.vertx.grpc.server.GrpcServerResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.zip.DataFormatException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import turnout.gateway.call.CallRecord;
import turnout.gateway.call.CancelSource;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.spi.Deadline;
import turnout.spi.Ticker;

/** One unary RPC from its head to its status. Used on its event loop only. */
final class UnaryCall {
    private static final Logger log = LoggerFactory.getLogger(UnaryCall.class);

    private final GrpcServerRequest<Buffer, Buffer> request;
    private final IncomingRpc incoming;
    private final RpcHandler handler;
    private final RpcLimits limits;
    private final Connections connections;
    private final Ticker ticker;
    private final CallRecord record;
    private final CancelSource cancellation = new CancelSource();

    private @Nullable GrpcMessage message;
    private boolean done;

    UnaryCall(
            GrpcServerRequest<Buffer, Buffer> request,
            IncomingRpc incoming,
            RpcHandler handler,
            RpcLimits limits,
            Connections connections,
            Ticker ticker) {
        this.request = request;
        this.incoming = incoming;
        this.handler = handler;
        this.limits = limits;
        this.connections = connections;
        this.ticker = ticker;
        this.record = new CallRecord(RequestHeaders.requestId(request.headers()), ticker.nanos());
    }

    void start() {
        connections.watch(request.connection(), cancellation);
        incoming.onOverflow(this::overflowed);
        incoming.onUndecodable(this::undecodable);
        request.errorHandler(this::broken);
        request.exceptionHandler(e -> broken(GrpcError.CANCELLED));
        request.invalidMessageHandler(this::invalid);
        request.messageHandler(this::received);
        request.endHandler(end -> run());
    }

    private void broken(GrpcError error) {
        // Vert.x reports a message over the limit here as well, after the status for it was sent.
        finish();
        cancellation.cancel();
    }

    private void finish() {
        done = true;
        connections.forget(request.connection(), cancellation);
    }

    private void invalid(InvalidMessageException e) {
        if (e instanceof MessageSizeOverflowException) {
            refused(new Refusal.TooLarge("the message", limits.messageBytes()));
            fail(GrpcStatus.RESOURCE_EXHAUSTED, "the message exceeds the limit of " + limits.messageBytes() + " bytes");
        } else {
            refused(new Refusal.Malformed("the message cannot be decoded"));
            fail(GrpcStatus.INTERNAL, "the message cannot be decoded");
        }
    }

    private void undecodable() {
        String text = "the message says that it is compressed, but there is no grpc-encoding";
        refused(new Refusal.Malformed(text));
        fail(GrpcStatus.INTERNAL, text);
    }

    private void received(GrpcMessage received) {
        if (message != null) {
            refused(new Refusal.Malformed("more than one message"));
            fail(GrpcStatus.INTERNAL, "a unary method takes one message, got another");
            return;
        }
        message = received;
    }

    private void run() {
        GrpcMessage received = message;
        if (done) {
            return;
        }
        if (received == null) {
            refused(new Refusal.Malformed("no message"));
            fail(GrpcStatus.INTERNAL, "a unary method takes one message, got none");
            return;
        }
        RpcExchange exchange;
        try {
            exchange = new RpcExchange(
                    request.headers(), record, cancellation, deadline(), RequestHeaders.key(request.headers()));
        } catch (RefusedException e) {
            refused(e.refusal());
            fail(GrpcStatus.INVALID_ARGUMENT, e.refusal().message());
            return;
        }
        payload(received)
                .onFailure(this::unreadable)
                .compose(bytes -> handler.handle(exchange, bytes))
                .onComplete(this::succeed, this::failed);
    }

    private void unreadable(Throwable failure) {
        refused(
                failure instanceof RpcFailure
                        ? new Refusal.Malformed(String.valueOf(failure.getMessage()))
                        : RefusedException.from(failure).refusal());
    }

    private void overflowed(RefusedException reason) {
        refused(reason.refusal());
        failed(reason);
    }

    private void refused(Refusal refusal) {
        if (!done) {
            handler.refused(record, refusal);
        }
    }

    private @Nullable Deadline deadline() {
        Deadline header = RequestHeaders.deadline(request.headers(), ticker);
        long millis = request.timeout();
        if (millis <= 0) {
            return header;
        }
        Deadline grpc = Deadline.after(Duration.ofMillis(millis), ticker);
        return header == null ? grpc : grpc.min(header);
    }

    private Future<ByteBuffer> payload(GrpcMessage received) {
        ByteBuffer bytes = view(received.payload());
        if (received.encoding().equals("identity")) {
            return Future.succeededFuture(bytes);
        }
        Inflation inflation =
                switch (received.encoding()) {
                    case "gzip" -> Inflation.GZIP;
                    case "deflate" -> Inflation.DEFLATE;
                    default -> Inflation.NONE;
                };
        if (inflation == Inflation.NONE) {
            return Future.failedFuture(
                    new RpcFailure(GrpcStatus.UNIMPLEMENTED, "message encoding must be gzip, deflate or identity"));
        }
        byte[] compressed = new byte[bytes.remaining()];
        bytes.get(compressed);
        // However small: a few bytes may become a thousand times as many.
        return limits.pool().run(() -> inflate(inflation, compressed)).map(this::counted);
    }

    private ByteBuffer counted(ByteBuffer inflated) {
        incoming.inflated(inflated.remaining());
        return inflated;
    }

    private ByteBuffer inflate(Inflation inflation, byte[] compressed) {
        try {
            return ByteBuffer.wrap(inflation.inflate(compressed, limits.inflatedBytes()));
        } catch (DataFormatException e) {
            throw new RpcFailure(GrpcStatus.INTERNAL, "the compressed message is not valid: " + e.getMessage());
        }
    }

    /** The message's own memory where it is one piece, which it is in Vert.x 5.0; a copy else. */
    private static ByteBuffer view(Buffer buffer) {
        if (buffer instanceof BufferInternal internal && internal.getByteBuf().nioBufferCount() == 1) {
            return internal.getByteBuf().nioBuffer();
        }
        return ByteBuffer.wrap(buffer.getBytes());
    }

    private void succeed(Buffer answer) {
        if (done) {
            return;
        }
        finish();
        GrpcServerResponse<Buffer, Buffer> response = request.response();
        RequestHeaders.describe(record, response.trailers());
        end(() -> response.end(answer));
    }

    private void failed(Throwable failure) {
        if (failure instanceof RpcFailure rpc) {
            fail(rpc.status(), rpc.getMessage());
            return;
        }
        if (failure instanceof RefusedException refused && refused.refusal() instanceof Refusal.TooLarge) {
            fail(GrpcStatus.RESOURCE_EXHAUSTED, refused.refusal().message());
            return;
        }
        if (failure instanceof RefusedException refused && refused.refusal() instanceof Refusal.Overloaded) {
            fail(GrpcStatus.UNAVAILABLE, refused.refusal().message());
            return;
        }
        log.error("defect while answering {}", request.fullMethodName(), failure);
        fail(GrpcStatus.INTERNAL, "internal error");
    }

    private void fail(GrpcStatus status, @Nullable String text) {
        if (done) {
            return;
        }
        finish();
        GrpcServerResponse<Buffer, Buffer> response = request.response();
        RequestHeaders.describe(record, response.trailers());
        response.status(status);
        if (text != null) {
            response.statusMessage(text);
        }
        end(response::end);
    }

    /** Vert.x throws, rather than fail the future, when the stream has been reset in the meantime. */
    private void end(Supplier<Future<Void>> write) {
        try {
            incoming.guardWrite(write.get());
        } catch (IllegalStateException e) {
            log.debug("the client was gone before its answer: {}", e.getMessage());
        }
    }
}
