package turnout.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static turnout.testkit.TensorAssert.assertThatTensor;

import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import com.google.protobuf.Message;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.grpc.common.ServiceName;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import turnout.protocol.openinference.ModelInferRequest;
import turnout.protocol.openinference.ModelInferResponse;
import turnout.protocol.tfserving.PredictRequest;
import turnout.protocol.tfserving.PredictResponse;
import turnout.spi.DataType;
import turnout.testkit.Tensors;

/** Requests, files and bytes that make no sense: each gets its answer, and the next good call gets its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BadInputIT {
    private static final int BODY_LIMIT = 1 << 20;
    private static final Question GOOD = Question.xToY("half_plus_two", Doors.floats(1));

    private final Path folder;
    private final Served server;
    private final Doors doors;

    BadInputIT(@TempDir Path folder) throws IOException {
        this.folder = folder;
        ModelFolder models = new ModelFolder(folder)
                .add("half_plus_two", "half_plus_two_onnx", "multi_io", "multi_io_onnx", "matrix", "identity")
                .add("identity_string_onnx", "broken", "broken_onnx", "half_copied")
                .addAs("bad_settings", "half_plus_two_onnx")
                .settings("bad_settings", "versions: all\nlabells: {a: 1}\n")
                .addAs("no_settings", "half_plus_two_onnx")
                .settings("no_settings", "\0\u0001: [\n")
                .write("garbage/1/readme.txt", "not a model")
                .write("garbage/one/model.onnx", "not a version")
                .write("no_versions/readme.txt", "nothing")
                .write("far/1/remote.yaml", "endpoints: nowhere\n")
                .write("stray.txt", "not a model either");
        Files.createDirectories(folder.resolve("empty/1"));
        Files.createSymbolicLink(folder.resolve("loop"), folder);
        Files.createSymbolicLink(folder.resolve("outside"), Checkout.root());
        server = Served.start(models, "limits: {body: 1MiB, inflated-body: 1MiB}");
        doors = new Doors(server.port());
    }

    @AfterAll
    void stop() {
        doors.close();
        server.close();
    }

    @AfterEach
    void goodCallsAreAnswered() {
        assertThat(server.get("/v2/health/live").statusCode()).isEqualTo(200);
        for (Door door : new Door[] {Door.TFS_REST_ROWS, Door.OIP_GRPC_RAW}) {
            assertThatTensor(doors.ask(door, GOOD).join().output("y")).hasFloats(2.5f);
        }
    }

    @Test
    void garbageInTheRepositoryIsStatesWithCausesAndStopsNothing() {
        assertThat(server.readyLine()).isPresent();
        assertThat(server.get("/v2/health/ready").statusCode()).isEqualTo(200);
        for (String model : new String[] {"broken", "broken_onnx", "half_copied", "garbage", "far"}) {
            JsonObject version = new JsonObject(
                            server.admin("GET", "/admin/v1/models/" + model, "").body())
                    .getJsonArray("versions")
                    .getJsonObject(0);
            assertThat(version.getString("state")).as(model).isEqualTo("END");
            assertThat(version.getJsonObject("failure").getString("message"))
                    .as(model)
                    .isNotBlank()
                    .doesNotContain(folder.toString());
        }
    }

    @Test
    void badSettingsAreAConditionThatNamesFileLineAndKey() {
        String conditions =
                server.admin("GET", "/admin/v1/models/bad_settings", "").body();
        assertThat(conditions).contains("bad_settings/model.yaml:2", "labells", "labels");
        assertThat(server.admin("GET", "/admin/v1/models/no_settings", "").body())
                .contains("no_settings/model.yaml");
    }

    static Stream<BadRequest> badRequests() {
        return Stream.concat(BadTfsRequests.all(), BadOipRequests.all());
    }

    @ParameterizedTest
    @MethodSource("badRequests")
    void badRequestIsRefusedWithItsStatusAndAClearMessage(BadRequest bad) {
        HttpResponse<String> answer = doors.rest()
                .send(bad.method(), bad.path(), bad.body(), bad.headers().toArray(String[]::new))
                .join();
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(bad.status());
        isAClearError(answer, bad.words());
    }

    static Stream<BadCall> badCalls() {
        return BadCall.all();
    }

    @ParameterizedTest
    @MethodSource("badCalls")
    void badCallIsRefusedWithItsStatusAndAClearMessage(BadCall bad) {
        assertThatThrownBy(() -> doors.grpc()
                        .call(bad.service(), bad.method(), bad.request(), bad.kind(), bad.metadata())
                        .join())
                .cause()
                .isInstanceOfSatisfying(NotAnswered.class, refused -> assertThat(refused.status())
                        .as(refused.getMessage())
                        .isEqualTo(bad.status()))
                .hasMessageContaining(bad.words())
                .message()
                .matches("(?s)[A-Z_]+: .{5,}")
                .doesNotContain("Exception", folder.toString());
    }

    @Test
    void bodyThatIsTooLargeWhenInflatedIsRefused() throws IOException {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bomb)) {
            gzip.write(new byte[64 * BODY_LIMIT]);
        }
        assertThat(bomb.size()).isLessThan(BODY_LIMIT);
        for (String path : new String[] {"/v1/models/half_plus_two:predict", "/v2/models/half_plus_two/infer"}) {
            HttpResponse<String> answer = doors.rest()
                    .send("POST", path, bomb.toByteArray(), "Content-Encoding", "gzip")
                    .join();
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(413);
            isAClearError(answer, "limit");
        }
    }

    @Test
    void messageThatIsTooLargeIsRefused() {
        Question large = Question.xToY("half_plus_two", Tensors.floats(new float[BODY_LIMIT / 2]));
        for (Door door : new Door[] {Door.TFS_GRPC_CONTENT, Door.OIP_GRPC_RAW}) {
            assertThatThrownBy(() -> doors.ask(door, large).join())
                    .hasCauseInstanceOf(NotAnswered.class)
                    .hasMessageContaining("RESOURCE_EXHAUSTED")
                    .hasMessageContaining("limit");
        }
    }

    @ParameterizedTest
    @MethodSource("turnout.dist.RawBytes#all")
    void bytesThatAreNoRequestEndTheirConnectionOnly(RawBytes garbage) throws IOException {
        assertThat(garbage.sendTo(server.port())).matches(garbage.answer());
    }

    private void isAClearError(HttpResponse<String> answer, String words) {
        assertThat(answer.headers().firstValue("content-type")).hasValue("application/json");
        try {
            assertThat(new JsonObject(answer.body()).getString("error"))
                    .isNotBlank()
                    .contains(words)
                    .doesNotContain("Exception", "\tat ", folder.toString());
        } catch (DecodeException e) {
            throw new AssertionError("no JSON: " + answer.body(), e);
        }
    }

    /** A call over gRPC that must be refused. */
    record BadCall(
            String name,
            ServiceName service,
            String method,
            Message request,
            Message kind,
            Map<String, String> metadata,
            String status,
            String words) {
        static Stream<BadCall> all() {
            Question unknown = GOOD.model("nope");
            Question strange = Question.of("half_plus_two", Map.of("z", Tensors.floats(1)), Map.of());
            Question integers = Question.of(
                    "half_plus_two", Map.of("x", Tensors.ints(new long[] {1}, 1)), Map.of("y", DataType.FP32));
            Question tooDeep = Question.xToY("half_plus_two", Tensors.floats(new long[] {1, 1}, 1));
            // Not UTF-8 where a name belongs.
            Message noMessage = BytesValue.of(ByteString.copyFrom(new byte[] {(byte) 0xff, (byte) 0xfe}));
            ModelInferRequest cut = Doors.inferRequest(GOOD, true).toBuilder()
                    .setRawInputContents(0, ByteString.copyFrom(new byte[3]))
                    .build();
            ModelInferRequest huge = Doors.inferRequest(GOOD, true).toBuilder()
                    .setInputs(
                            0,
                            Doors.inferRequest(GOOD, true).getInputs(0).toBuilder()
                                    .setShape(0, Long.MAX_VALUE))
                    .build();
            return Stream.of(
                    predict("no model spec", PredictRequest.getDefaultInstance(), "INVALID_ARGUMENT", "ModelSpec"),
                    predict(
                            "unknown model",
                            Doors.predictRequest(unknown),
                            "NOT_FOUND",
                            "Servable not found for request: Latest(nope)"),
                    predict(
                            "unknown version",
                            Doors.predictRequest(GOOD.version(9)),
                            "NOT_FOUND",
                            "Specific(half_plus_two, 9)"),
                    predict(
                            "unknown signature",
                            Doors.predictRequest(GOOD.signature("z")),
                            "FAILED_PRECONDITION",
                            "\"z\" not found"),
                    predict(
                            "unknown input",
                            Doors.predictRequest(strange),
                            "INVALID_ARGUMENT",
                            "Inputs expected to be in the set {x}"),
                    predict("other type", Doors.predictRequest(integers), "INVALID_ARGUMENT", "INT32"),
                    predict(
                            "other rank",
                            Doors.predictRequest(tooDeep.model("half_plus_two_onnx")),
                            "INVALID_ARGUMENT",
                            "x"),
                    predict("bytes that are no message", noMessage, "INVALID_ARGUMENT", ""),
                    infer("no model", ModelInferRequest.getDefaultInstance(), "NOT_FOUND", "unknown model: ''"),
                    infer("unknown model", Doors.inferRequest(unknown, true), "NOT_FOUND", "unknown model: 'nope'"),
                    infer("unknown version", Doors.inferRequest(GOOD.version(9), true), "NOT_FOUND", "version 9"),
                    infer("unknown input", Doors.inferRequest(strange, true), "INVALID_ARGUMENT", "'z'"),
                    infer("other type", Doors.inferRequest(integers, true), "INVALID_ARGUMENT", "'INT32'"),
                    infer("other rank", Doors.inferRequest(tooDeep, false), "INVALID_ARGUMENT", "unexpected shape"),
                    infer("tensor cut off", cut, "INVALID_ARGUMENT", "Expected 4, got 3"),
                    infer("more elements than numbers go", huge, "INVALID_ARGUMENT", "x"),
                    infer("bytes that are no message", noMessage, "INVALID_ARGUMENT", ""),
                    infer(
                                    "deadline that is no number",
                                    Doors.inferRequest(GOOD, true),
                                    "INVALID_ARGUMENT",
                                    "x-turnout-timeout-ms")
                            .with("x-turnout-timeout-ms", "soon"));
        }

        private static BadCall predict(String name, Message request, String status, String words) {
            return new BadCall(
                    "predict: " + name,
                    GrpcCaller.PREDICTION,
                    "Predict",
                    request,
                    PredictResponse.getDefaultInstance(),
                    Map.of(),
                    status,
                    words);
        }

        private static BadCall infer(String name, Message request, String status, String words) {
            return new BadCall(
                    "infer: " + name,
                    GrpcCaller.INFERENCE,
                    "ModelInfer",
                    request,
                    ModelInferResponse.getDefaultInstance(),
                    Map.of(),
                    status,
                    words);
        }

        private BadCall with(String header, String value) {
            return new BadCall(name, service, method, request, kind, Map.of(header, value), status, words);
        }

        @Override
        public String toString() {
            return name;
        }
    }
}
