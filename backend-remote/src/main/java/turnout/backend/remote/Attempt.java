package turnout.backend.remote;

import io.vertx.core.AsyncResult;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpConnection;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.client.GrpcClientResponse;
import io.vertx.grpc.common.GrpcError;
import io.vertx.grpc.common.GrpcErrorException;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.MessageSizeOverflowException;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One stream to one endpoint. Ends exactly once: with an {@link Outcome}, or because it was abandoned.
 *
 * <p>Touched only on the backend's event loop.
 */
final class Attempt {
    private final Endpoint endpoint;
    private final Buffer body;
    private final LongSupplier remainingNanos;
    private final BiConsumer<Attempt, Outcome> onEnd;

    private @Nullable GrpcClientRequest<Buffer, Buffer> request;
    private @Nullable Buffer message;
    private boolean ended;
    private boolean abandoned;

    /**
     * @param remainingNanos asked when the stream opens, for the deadline that the server is told
     * @param onEnd told how it ended; also told of {@link Outcome.NeverSent} after it was abandoned, since that says something of the
     *     endpoint
     */
    Attempt(Endpoint endpoint, Buffer body, LongSupplier remainingNanos, BiConsumer<Attempt, Outcome> onEnd) {
        this.endpoint = endpoint;
        this.body = body;
        this.remainingNanos = remainingNanos;
        this.onEnd = onEnd;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    boolean isAbandoned() {
        return abandoned;
    }

    /** The connection in use, null before there is one. */
    @Nullable
    HttpConnection connection() {
        return request == null ? null : request.connection();
    }

    void start(GrpcClient client, RemoteMethod method) {
        endpoint.onBegin();
        client.request(endpoint.address(), method.method()).onComplete(this::onOpen);
    }

    /** Ends it without an outcome and tells the server to stop; false when it had ended. */
    boolean abandon() {
        if (ended) {
            return false;
        }
        abandoned = true;
        ended = true;
        endpoint.onEnd();
        if (request != null) {
            request.cancel();
        }
        return true;
    }

    private void onOpen(AsyncResult<GrpcClientRequest<Buffer, Buffer>> opened) {
        if (opened.failed()) {
            if (abandoned) {
                onEnd.accept(this, new Outcome.NeverSent());
            } else {
                end(new Outcome.NeverSent());
            }
            return;
        }
        GrpcClientRequest<Buffer, Buffer> stream = opened.result();
        long nanos = remainingNanos.getAsLong();
        if (abandoned || nanos <= 0) {
            // The deadline's timer is about to fire if it has not: nothing to report.
            stream.cancel();
            return;
        }
        request = stream;
        stream.timeout(nanos, TimeUnit.NANOSECONDS);
        stream.response().onComplete(this::onResponse);
        stream.end(body).onFailure(broken -> end(new Outcome.Lost()));
    }

    private void onResponse(AsyncResult<GrpcClientResponse<Buffer, Buffer>> responded) {
        if (responded.failed()) {
            end(unanswered(responded.cause()));
            return;
        }
        GrpcClientResponse<Buffer, Buffer> response = responded.result();
        response.errorHandler(reset -> end(new Outcome.Cut("the server broke off its answer")));
        response.exceptionHandler(broken -> end(brokenOff(broken)));
        response.handler(bytes -> message = bytes);
        response.endHandler(end -> end(answered(response)));
    }

    private static Outcome brokenOff(Throwable cause) {
        if (isBrokenConnection(cause)) {
            return new Outcome.Lost();
        }
        return new Outcome.Cut(
                cause instanceof MessageSizeOverflowException
                        ? "the answer is larger than one message may be"
                        : "the answer cannot be read");
    }

    private Outcome answered(GrpcClientResponse<Buffer, Buffer> response) {
        GrpcStatus status = response.status();
        if (status == null) {
            return new Outcome.Failed(GrpcStatus.UNKNOWN, "");
        }
        if (status != GrpcStatus.OK) {
            return new Outcome.Failed(status, statusMessage(response));
        }
        return message == null
                ? new Outcome.Failed(GrpcStatus.INTERNAL, "no message in the answer")
                : new Outcome.Answered(message);
    }

    // The client library looks for the message in the headers only; a server that has begun to answer sends it in the
    // trailers.
    private static String statusMessage(GrpcClientResponse<Buffer, Buffer> response) {
        String inTrailers = response.trailers().get("grpc-message");
        String text = inTrailers == null ? response.headers().get("grpc-message") : inTrailers;
        if (text == null) {
            return "";
        }
        try {
            // Percent-encoding has no plus for a blank, unlike the decoder.
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    private static Outcome unanswered(Throwable cause) {
        if (cause instanceof GrpcErrorException reset) {
            return reset.error() == GrpcError.UNAVAILABLE
                    ? new Outcome.Refused()
                    : new Outcome.Failed(reset.status(), "the server reset the stream");
        }
        // Anything else than a broken connection: a server or a proxy that does not speak gRPC.
        return isBrokenConnection(cause)
                ? new Outcome.Lost()
                : new Outcome.Failed(GrpcStatus.UNAVAILABLE, "the answer is not gRPC");
    }

    private static boolean isBrokenConnection(Throwable cause) {
        return cause instanceof HttpClosedException || cause instanceof IOException;
    }

    private void end(Outcome outcome) {
        if (ended) {
            return;
        }
        ended = true;
        endpoint.onEnd();
        onEnd.accept(this, outcome);
    }
}
