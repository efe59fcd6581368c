package turnout.dist;

import com.google.protobuf.Message;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientOptions;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.client.GrpcClientResponse;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Calls unary methods over h2c. */
final class GrpcCaller implements AutoCloseable {
    static final ServiceName PREDICTION = ServiceName.create("tensorflow.serving", "PredictionService");
    static final ServiceName MODELS = ServiceName.create("tensorflow.serving", "ModelService");
    static final ServiceName SESSION = ServiceName.create("tensorflow.serving", "SessionService");
    static final ServiceName INFERENCE = ServiceName.create("inference", "GRPCInferenceService");

    private static final int MESSAGE_BYTES = 64 << 20;

    private final Vertx vertx;
    private final GrpcClient client;
    private final SocketAddress server;

    GrpcCaller(Vertx vertx, int port) {
        this.vertx = vertx;
        this.client = GrpcClient.client(
                vertx,
                new GrpcClientOptions().setMaxMessageSize(MESSAGE_BYTES),
                new HttpClientOptions().setHttp2ClearTextUpgrade(false));
        this.server = SocketAddress.inetSocketAddress(port, "127.0.0.1");
    }

    /** A message and the metadata that came with it. */
    record Received<A>(A message, MultiMap metadata) {}

    /** Calls; fails with {@link NotAnswered} for any status but OK. */
    <A extends Message> CompletableFuture<Received<A>> call(
            ServiceName service, String method, Message request, A kind, Map<String, String> metadata) {
        return start(service, method, request, kind, metadata, null)
                .response()
                .toCompletionStage()
                .toCompletableFuture();
    }

    /** A call that can be given up. */
    record Started<A>(Future<Received<A>> response, Runnable cancel) {}

    /** As {@link #call}, with a deadline where one is given. */
    <A extends Message> Started<A> start(
            ServiceName service,
            String method,
            Message request,
            A kind,
            Map<String, String> metadata,
            @Nullable Duration timeout) {
        ServiceMethod<A, Message> descriptor =
                ServiceMethod.client(service, method, GrpcMessageEncoder.encoder(), GrpcMessageDecoder.decoder(kind));
        Future<GrpcClientRequest<Message, A>> opened = client.request(server, descriptor);
        Future<Received<A>> response = opened.compose(stream -> {
            metadata.forEach(stream.headers()::set);
            if (timeout != null) {
                stream.timeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
            }
            return stream.send(request).compose(GrpcCaller::received);
        });
        return new Started<>(response, () -> opened.onSuccess(GrpcClientRequest::cancel));
    }

    private static <A> Future<Received<A>> received(GrpcClientResponse<Message, A> response) {
        Promise<Received<A>> promise = Promise.promise();
        Promise<A> message = Promise.promise();
        response.handler(message::tryComplete);
        response.exceptionHandler(promise::tryFail);
        response.errorHandler(error -> promise.tryFail(new NotAnswered(error.name(), "the stream was reset")));
        response.endHandler(end -> {
            GrpcStatus status = response.status();
            if (status != GrpcStatus.OK) {
                promise.tryFail(new NotAnswered(status == null ? "no status" : status.name(), text(response)));
            } else if (!message.future().succeeded()) {
                promise.tryFail(new NotAnswered("OK", "but no message"));
            } else {
                MultiMap metadata = MultiMap.caseInsensitiveMultiMap()
                        .addAll(response.headers())
                        .addAll(response.trailers());
                promise.tryComplete(new Received<>(message.future().result(), metadata));
            }
        });
        return promise.future();
    }

    private static String text(GrpcClientResponse<?, ?> response) {
        String trailer = response.trailers().get("grpc-message");
        String text = String.valueOf(trailer == null ? response.headers().get("grpc-message") : trailer);
        // Percent-encoding has no plus for a blank, unlike the decoder.
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        client.close().toCompletionStage().toCompletableFuture().join();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
