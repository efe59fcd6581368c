package turnout.backend.remote;

import com.google.protobuf.Any;
import com.google.protobuf.MessageLite;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerOptions;
import io.vertx.grpc.server.GrpcServerRequest;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import turnout.protocol.tensorflow.SignatureDef;
import turnout.protocol.tensorflow.TensorProto;
import turnout.protocol.tfserving.GetModelMetadataRequest;
import turnout.protocol.tfserving.GetModelMetadataResponse;
import turnout.protocol.tfserving.GetModelStatusRequest;
import turnout.protocol.tfserving.GetModelStatusResponse;
import turnout.protocol.tfserving.ModelVersionStatus;
import turnout.protocol.tfserving.PredictRequest;
import turnout.protocol.tfserving.PredictResponse;
import turnout.protocol.tfserving.SignatureDefMap;

/** A server with TensorFlow Serving's methods whose answers the test programs. */
final class FakeTensorflowServing implements AutoCloseable {
    private final Vertx vertx = Vertx.vertx();
    private final Set<HttpConnection> connections = ConcurrentHashMap.newKeySet();
    private final Map<String, SignatureDef> signatures = new ConcurrentHashMap<>();
    private final AtomicInteger predicts = new AtomicInteger();
    private final AtomicInteger cancelled = new AtomicInteger();
    private final AtomicLong timeoutMillis = new AtomicLong();
    private final HttpServer http;
    private volatile Consumer<Call> behaviour = Call::echo;

    private FakeTensorflowServing(int port, int maxStreams) {
        GrpcServer grpc = GrpcServer.server(vertx, new GrpcServerOptions().setMaxMessageSize(Integer.MAX_VALUE));
        serve(grpc, "PredictionService", "Predict", PredictRequest.getDefaultInstance(), this::predict);
        serve(
                grpc,
                "PredictionService",
                "GetModelMetadata",
                GetModelMetadataRequest.getDefaultInstance(),
                this::metadata);
        serve(grpc, "ModelService", "GetModelStatus", GetModelStatusRequest.getDefaultInstance(), this::status);
        HttpServerOptions options = new HttpServerOptions().setHttp2ConnectionWindowSize(64 << 20);
        options.setInitialSettings(new Http2Settings(options.getInitialSettings())
                .setInitialWindowSize(16 << 20)
                .setMaxConcurrentStreams(maxStreams));
        http = vertx.createHttpServer(options)
                .connectionHandler(connection -> {
                    connections.add(connection);
                    connection.closeHandler(v -> connections.remove(connection));
                })
                .requestHandler(grpc)
                .listen(port, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    static FakeTensorflowServing start() {
        return start(0);
    }

    static FakeTensorflowServing start(int port) {
        return new FakeTensorflowServing(port, 1000);
    }

    static FakeTensorflowServing withFewStreams(int maxStreams) {
        return new FakeTensorflowServing(0, maxStreams);
    }

    int port() {
        return http.actualPort();
    }

    /** What the model "m", and any other, has. */
    FakeTensorflowServing signature(String name, SignatureDef def) {
        signatures.put(name, def);
        return this;
    }

    /** What a Predict call gets. */
    FakeTensorflowServing answering(Consumer<Call> answers) {
        behaviour = answers;
        return this;
    }

    int predicts() {
        return predicts.get();
    }

    int cancelled() {
        return cancelled.get();
    }

    /** The time that the last call was given by its client. */
    long timeoutMillis() {
        return timeoutMillis.get();
    }

    /** Says goodbye on every connection, as a server does that limits their age; calls under way are still answered. */
    void goAway() {
        connections.forEach(connection -> connection.goAway(0));
    }

    @Override
    public void close() {
        vertx.close()
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    /** One Predict call. */
    final class Call {
        private final PredictRequest request;
        private final GrpcServerRequest<PredictRequest, PredictResponse> stream;
        private boolean gone;

        private Call(PredictRequest request, GrpcServerRequest<PredictRequest, PredictResponse> stream) {
            this.request = request;
            this.stream = stream;
            stream.errorHandler(error -> {
                gone = true;
                cancelled.incrementAndGet();
            });
        }

        PredictRequest request() {
            return request;
        }

        TensorProto input(String name) {
            return request.getInputsOrThrow(name);
        }

        /** {@code x} comes back as {@code y}. */
        void echo() {
            answer(Map.of("y", input("x")));
        }

        void answer(Map<String, TensorProto> outputs) {
            if (!gone) {
                PredictResponse response =
                        PredictResponse.newBuilder().putAllOutputs(outputs).build();
                stream.response().end(response).onFailure(e -> gone = true);
            }
        }

        void fail(GrpcStatus status, String message) {
            stream.response().status(status).statusMessage(message).end().onFailure(e -> gone = true);
        }

        /** Begins to answer and fails then: the status comes in the trailers. */
        void failInTrailers(GrpcStatus status, String message) {
            stream.response()
                    .writeHead()
                    .compose(v -> {
                        stream.response().trailers().set("grpc-message", message);
                        return stream.response().status(status).end();
                    })
                    .onFailure(e -> gone = true);
        }

        void after(Duration delay, Runnable action) {
            vertx.setTimer(delay.toMillis(), due -> action.run());
        }

        /** Begins to answer, then breaks the connection off. */
        void hangUpMidway() {
            stream.response().writeHead().onComplete(begun -> hangUp());
        }

        /** Breaks the connection off without a word. */
        void hangUp() {
            stream.connection().close().onFailure(e -> gone = true);
        }
    }

    private void predict(GrpcServerRequest<PredictRequest, PredictResponse> stream, PredictRequest request) {
        predicts.incrementAndGet();
        timeoutMillis.set(stream.timeout());
        behaviour.accept(new Call(request, stream));
    }

    private void metadata(
            GrpcServerRequest<GetModelMetadataRequest, GetModelMetadataResponse> stream,
            GetModelMetadataRequest request) {
        Any packed = Any.pack(
                SignatureDefMap.newBuilder().putAllSignatureDef(signatures).build());
        reply(
                stream,
                GetModelMetadataResponse.newBuilder()
                        .setModelSpec(request.getModelSpec())
                        .putMetadata("signature_def", packed)
                        .build());
    }

    private void status(
            GrpcServerRequest<GetModelStatusRequest, GetModelStatusResponse> stream, GetModelStatusRequest request) {
        reply(
                stream,
                GetModelStatusResponse.newBuilder()
                        .addModelVersionStatus(ModelVersionStatus.newBuilder()
                                .setVersion(1)
                                .setState(ModelVersionStatus.State.AVAILABLE))
                        .build());
    }

    private static <Q, A> void reply(GrpcServerRequest<Q, A> stream, A answer) {
        stream.response().end(answer).onFailure(gone -> {
            // The client left; nothing to tell anybody.
        });
    }

    private static <Q extends MessageLite & com.google.protobuf.MessageOrBuilder, A extends MessageLite> void serve(
            GrpcServer grpc, String service, String name, Q request, Handlers<Q, A> handler) {
        ServiceMethod<Q, A> method = ServiceMethod.server(
                ServiceName.create("tensorflow.serving." + service),
                name,
                GrpcMessageEncoder.<A>encoder(),
                GrpcMessageDecoder.<Q>decoder(request));
        Handler<GrpcServerRequest<Q, A>> onCall = stream -> stream.handler(message -> handler.handle(stream, message));
        grpc.callHandler(method, onCall);
    }

    @FunctionalInterface
    private interface Handlers<Q, A> {
        void handle(GrpcServerRequest<Q, A> stream, Q request);
    }
}
