package turnout.gateway.edge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static turnout.gateway.rig.Futures.failure;
import static turnout.gateway.rig.Futures.result;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.StreamResetException;
import io.vertx.grpc.common.GrpcStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import turnout.gateway.call.Dialect;
import turnout.gateway.call.Pipeline;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.protocol.openinference.OpenInferenceProto;
import turnout.spi.Ticker;

/** Unary RPCs over h2c with prior knowledge, frame by frame. */
class GrpcEdgeTest {
    private static final int UNKNOWN = 0;
    private static final int SERVING = 1;
    private static final int NOT_SERVING = 2;

    private static final String LIVE = "/inference.GRPCInferenceService/ServerLive";
    private static final String HELD = "/inference.GRPCInferenceService/ServerReady";
    private static final String FAILS = "/inference.GRPCInferenceService/ModelReady";
    private static final String LARGE = "/inference.GRPCInferenceService/ModelMetadata";

    private final List<RpcExchange> exchanges = new CopyOnWriteArrayList<>();
    private final Promise<Buffer> held = Promise.promise();
    private final List<String> early = new CopyOnWriteArrayList<>();
    private final IncomingBytes incoming = new IncomingBytes(8 << 20);
    private final EdgeRig rig = new EdgeRig(
            EdgeRig.with(
                    Duration.ofSeconds(10), Duration.ofMillis(200), Duration.ofMillis(500), Duration.ofSeconds(10), 10),
            incoming,
            registry -> registry.service(Objects.requireNonNull(
                            OpenInferenceProto.getDescriptor().findServiceByName("GRPCInferenceService")))
                    .unary("ServerLive", (exchange, message) -> {
                        exchanges.add(exchange);
                        byte[] bytes = new byte[message.remaining()];
                        message.get(bytes);
                        return Future.succeededFuture(Buffer.buffer(bytes));
                    })
                    .unary("ServerReady", (exchange, message) -> {
                        exchanges.add(exchange);
                        return held.future();
                    })
                    .unary(
                            "ModelMetadata",
                            (exchange, message) -> Future.succeededFuture(Buffer.buffer(new byte[4 << 20])))
                    .unary(
                            "ModelConfig",
                            new InferenceRpc(services(), Dialect.OIP_GRPC, (exchange, message) -> held.future()))
                    .unary("ModelReady", (exchange, message) -> {
                        if (message.hasRemaining()) {
                            throw new RpcFailure(GrpcStatus.NOT_FOUND, "no such model");
                        }
                        throw new IllegalStateException("names internals");
                    }));
    private final HttpClient client = rig.vertx.createHttpClient(
            new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false));

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void aMessageComesBackWithItsFactsInTheTrailers() {
        Reply reply = call(LIVE, frame(0, "hello".getBytes(UTF_8)), Map.of("x-turnout-request-id", "mine"));

        assertThat(reply.status).isEqualTo("0");
        assertThat(reply.message()).isEqualTo("hello");
        assertThat(reply.trailers).containsEntry("x-turnout-request-id", "mine");
    }

    @Test
    void aMessageOverTheCapIsResourceExhausted() {
        Reply reply = call(LIVE, frame(0, new byte[100_001 + (1 << 20)]), Map.of());

        assertThat(reply.status).isEqualTo("8");
        assertThat(exchanges).isEmpty();
        assertThat(call(LIVE, frame(0, new byte[100_000]), Map.of()).status).isEqualTo("0");
    }

    @Test
    void compressedMessagesAreInflatedWithinTheCap() throws IOException {
        Map<String, String> gzip = Map.of("grpc-encoding", "gzip");

        assertThat(call(LIVE, frame(1, InflationTest.gzip("hello".getBytes(UTF_8))), gzip)
                        .message())
                .isEqualTo("hello");
        assertThat(call(LIVE, frame(1, InflationTest.gzip(new byte[10_000_000])), gzip).status)
                .isEqualTo("8");
        assertThat(call(LIVE, frame(1, new byte[] {1, 2, 3}), gzip).status).isEqualTo("13");
    }

    @Test
    void messagesThatHaveOnlyBegunToArriveCountUntilTheirAnswer() {
        IncomingBytes.Share others = incoming.open();
        assertThat(others.take((8 << 20) - 100_000)).isTrue();
        assertThat(call(LIVE, frame(0, new byte[90_000]), Map.of()).status).isEqualTo("0");
        HttpClientRequest begun = open(HELD, Map.of());
        begun.setChunked(true);
        result(begun.write(frame(0, new byte[90_000]).slice(0, 60_000)));
        await().atMost(20, SECONDS).until(() -> incoming.held() == (8 << 20) - 40_000);

        assertThat(call(LIVE, frame(0, new byte[90_000]), Map.of()).status).isEqualTo("14");
        result(begun.reset(8));

        await().atMost(20, SECONDS).until(() -> incoming.held() == (8 << 20) - 100_000);
        assertThat(call(LIVE, frame(0, new byte[90_000]), Map.of()).status).isEqualTo("0");
    }

    @Test
    void theClientsTimeoutIsTheDeadline() {
        call(LIVE, frame(0, new byte[0]), Map.of("grpc-timeout", "5S"));
        call(LIVE, frame(0, new byte[0]), Map.of("grpc-timeout", "5S", "x-turnout-timeout-ms", "1000"));
        call(LIVE, frame(0, new byte[0]), Map.of());

        assertThat(remaining(0)).isBetween(Duration.ZERO, Duration.ofSeconds(5));
        assertThat(remaining(1)).isLessThan(Duration.ofSeconds(1));
        assertThat(exchanges.get(2).deadline()).isNull();
    }

    @Test
    void aHeaderThatMakesNoSenseIsInvalid() {
        Reply reply = call(LIVE, frame(0, new byte[0]), Map.of("x-turnout-timeout-ms", "soon"));

        assertThat(reply.status).isEqualTo("3");
        assertThat(reply.trailers.get("grpc-message")).contains("x-turnout-timeout-ms");
    }

    @Test
    void aMessageThatIsCompressedInNoNamedWayIsAnswered() {
        Reply whole = call(LIVE, frame(1, new byte[] {1, 2, 3}), Map.of());
        assertThat(whole.status).isEqualTo("13");
        Reply more = call(LIVE, frame(1, new byte[] {1}).appendBuffer(frame(1, new byte[9])), Map.of());
        assertThat(more.status).isEqualTo("13");
        assertThat(exchanges).isEmpty();
        assertThat(call(LIVE, frame(0, new byte[0]), Map.of()).status).isEqualTo("0");
    }

    @Test
    void aClientThatCancelsFiresTheCancellation() {
        HttpClientRequest request = open(HELD, Map.of());
        request.end(frame(0, new byte[0]));
        await().atMost(20, SECONDS).until(() -> exchanges.size() == 1);
        assertThat(exchanges.get(0).cancellation().isCancelled()).isFalse();

        result(request.reset(8));

        await().atMost(20, SECONDS).until(() -> exchanges.get(0).cancellation().isCancelled());
        held.complete(Buffer.buffer());
        assertThat(call(LIVE, frame(0, new byte[0]), Map.of()).status).isEqualTo("0");
    }

    @Test
    void aClientThatDisconnectsFiresTheCancellation() {
        HttpClientRequest request = open(HELD, Map.of());
        request.end(frame(0, new byte[0]));
        await().atMost(20, SECONDS).until(() -> exchanges.size() == 1);

        result(request.connection().close());

        await().atMost(20, SECONDS).until(() -> exchanges.get(0).cancellation().isCancelled());
    }

    @Test
    void aClientThatGetsItsAnswerFiresNothing() {
        call(LIVE, frame(0, new byte[0]), Map.of());

        assertThat(exchanges.get(0).cancellation().isCancelled()).isFalse();
    }

    @Test
    void aClientThatDripsItsMessageIsCutAndItsOtherCallsAreNot() {
        HttpClientRequest drips = open(HELD, Map.of());
        drips.setChunked(true);
        Future<HttpClientResponse> response = drips.response();
        result(drips.write(Buffer.buffer().appendByte((byte) 0)));

        assertThat(failure(response)).isNotNull();
        assertThat(call(LIVE, frame(0, new byte[0]), Map.of()).status).isEqualTo("0");
        assertThat(drips.connection()).isNotNull();
    }

    @Test
    void aClientThatDoesNotReadItsAnswerIsCutAndItsOtherCallsAreNot() {
        HttpClientRequest deaf = open(LARGE, Map.of());
        Promise<Throwable> cut = Promise.promise();
        Future<HttpClientResponse> response = deaf.response().map(answer -> {
            answer.exceptionHandler(cut::tryComplete);
            answer.pause();
            return answer;
        });
        deaf.end(frame(0, new byte[0]));
        result(response);

        assertThat(result(cut.future())).isInstanceOf(StreamResetException.class);
        assertThat(call(LIVE, frame(0, new byte[0]), Map.of()).status).isEqualTo("0");
    }

    @Test
    void inferenceCallsThatTheEdgeRefusesAreCounted() {
        String infer = "/inference.GRPCInferenceService/ModelConfig";

        call(infer, frame(0, new byte[0]), Map.of("x-turnout-timeout-ms", "soon"));
        call(infer, frame(0, new byte[100_001 + (1 << 20)]), Map.of());
        call(infer, frame(1, new byte[] {1, 2, 3}), Map.of("grpc-encoding", "gzip"));

        assertThat(early).containsExactly("OIP_GRPC MALFORMED", "OIP_GRPC TOO_LARGE", "OIP_GRPC MALFORMED");
    }

    @Test
    void oneMessageIsWantedNoMoreAndNoFewer() {
        Buffer two = frame(0, new byte[] {1}).appendBuffer(frame(0, new byte[] {2}));

        assertThat(call(LIVE, two, Map.of()).status).isEqualTo("13");
        assertThat(call(LIVE, Buffer.buffer(), Map.of()).status).isEqualTo("13");
        assertThat(exchanges).isEmpty();
    }

    @Test
    void failuresHaveTheirStatusAndDefectsKeepTheirWords() {
        Reply chosen = call(FAILS, frame(0, new byte[] {1}), Map.of());
        assertThat(chosen.status).isEqualTo("5");
        assertThat(chosen.trailers.get("grpc-message")).contains("such");

        Reply defect = call(FAILS, frame(0, new byte[0]), Map.of());
        assertThat(defect.status).isEqualTo("13");
        assertThat(defect.trailers.get("grpc-message")).doesNotContain("internals");
    }

    @Test
    void methodsThatNobodyAddedAreUnimplemented() {
        assertThat(call("/inference.GRPCInferenceService/ModelInfer", frame(0, new byte[0]), Map.of()).status)
                .isEqualTo("12");
    }

    @Test
    void healthAnswersForTheServerAndEachService() {
        assertThat(health("")).isEqualTo(SERVING);
        assertThat(health("inference.GRPCInferenceService")).isEqualTo(SERVING);
        assertThat(health("PredictionService")).isEqualTo(SERVING);
    }

    @Test
    void healthFollowsModelsAsTheyComeAndGo() {
        assertThat(health("digits")).isEqualTo(UNKNOWN);

        rig.models.put("digits", true);
        assertThat(health("digits")).isEqualTo(SERVING);
        rig.models.put("digits", false);
        assertThat(health("digits")).isEqualTo(NOT_SERVING);
        rig.models.remove("digits");
        assertThat(health("digits")).isEqualTo(UNKNOWN);
    }

    @Test
    void aModelThatIsCalledLikeAServiceDoesNotSpeakForIt() {
        rig.models.put("inference.GRPCInferenceService", false);

        assertThat(health("inference.GRPCInferenceService")).isEqualTo(SERVING);
    }

    /** The status in the answer, {@link #UNKNOWN} when there is no such name. */
    private int health(String name) {
        byte[] bytes = name.getBytes(UTF_8);
        Buffer asked = Buffer.buffer()
                .appendByte((byte) 10)
                .appendByte((byte) bytes.length)
                .appendBytes(bytes);
        Buffer reply = call("/grpc.health.v1.Health/Check", frame(0, asked.getBytes()), Map.of()).body;
        return reply.length() < 7 ? UNKNOWN : reply.getByte(6);
    }

    @Test
    void reflectionListsTheServices() {
        Reply reply = call(
                "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
                frame(0, new byte[] {0x3a, 1, '*'}),
                Map.of());

        assertThat(reply.body.toString()).contains("inference.GRPCInferenceService", "grpc.health.v1.Health");
    }

    @Test
    void anHttp2AnswerToAnUnreadBodyHasNoHeaderOfHttp1() {
        HttpClientRequest request = result(client.request(HttpMethod.POST, rig.port(), "127.0.0.1", "/echo"));
        request.putHeader("content-length", "100001");
        Future<HttpClientResponse> response = request.response();
        result(request.sendHead());

        HttpClientResponse refused = result(response);

        assertThat(refused.statusCode()).isEqualTo(413);
        assertThat(refused.getHeader("connection")).isNull();
        HttpClientRequest next = result(client.request(HttpMethod.GET, rig.port(), "127.0.0.1", "/now"));
        assertThat(result(next.send()).statusCode()).isEqualTo(200);
        assertThat(next.connection()).isSameAs(request.connection());
    }

    @Test
    void refusalsThatReachTheEdgeAreNotForgotten() {
        held.fail(new RefusedException(new Refusal.TooLarge("the message", 1)));

        assertThat(call(HELD, frame(0, new byte[0]), Map.of()).status).isEqualTo("8");
    }

    private Services services() {
        return new Services(
                new Pipeline(List.of()),
                version -> Optional.empty(),
                Ticker.system(),
                "test",
                (dialect, record) -> early.add(
                        dialect + " " + Objects.requireNonNull(record.refusal()).kind()));
    }

    private Duration remaining(int call) {
        return Duration.ofNanos(
                Objects.requireNonNull(exchanges.get(call).deadline()).remainingNanos(Ticker.system()));
    }

    private HttpClientRequest open(String path, Map<String, String> headers) {
        HttpClientRequest request = result(client.request(HttpMethod.POST, rig.port(), "127.0.0.1", path));
        request.putHeader("content-type", "application/grpc").putHeader("te", "trailers");
        headers.forEach(request::putHeader);
        return request;
    }

    private Reply call(String path, Buffer frames, Map<String, String> headers) {
        HttpClientRequest request = open(path, headers);
        // Before anything is sent: a body that arrives before somebody asks for it is lost.
        Future<Reply> reply = request.response()
                .compose(response -> response.body().map(body -> {
                    Map<String, String> trailers = new HashMap<>();
                    response.headers().forEach(trailers::put);
                    response.trailers().forEach(trailers::put);
                    return new Reply(trailers.getOrDefault("grpc-status", "none"), body, trailers);
                }));
        request.end(frames);
        return result(reply);
    }

    private static Buffer frame(int compressed, byte[] message) {
        return Buffer.buffer()
                .appendByte((byte) compressed)
                .appendInt(message.length)
                .appendBytes(message);
    }

    private record Reply(String status, Buffer body, Map<String, String> trailers) {
        String message() {
            return body.getString(5, body.length());
        }
    }
}
