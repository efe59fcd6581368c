package turnout.gateway.edge.openinference;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import turnout.gateway.rig.Futures;
import turnout.protocol.openinference.InferParameter;
import turnout.protocol.openinference.InferTensorContents;
import turnout.protocol.openinference.ModelConfigRequest;
import turnout.protocol.openinference.ModelConfigResponse;
import turnout.protocol.openinference.ModelInferRequest;
import turnout.protocol.openinference.ModelInferRequest.InferInputTensor;
import turnout.protocol.openinference.ModelInferRequest.InferRequestedOutputTensor;
import turnout.protocol.openinference.ModelInferResponse;
import turnout.protocol.openinference.ModelMetadataRequest;
import turnout.protocol.openinference.ModelMetadataResponse;
import turnout.protocol.openinference.ModelReadyRequest;
import turnout.protocol.openinference.ModelReadyResponse;
import turnout.protocol.openinference.ModelStatisticsRequest;
import turnout.protocol.openinference.ModelStatisticsResponse;
import turnout.protocol.openinference.RepositoryIndexRequest;
import turnout.protocol.openinference.RepositoryIndexResponse;
import turnout.protocol.openinference.RepositoryModelLoadRequest;
import turnout.protocol.openinference.ServerMetadataRequest;
import turnout.protocol.openinference.ServerMetadataResponse;
import turnout.spi.DataType;

/** The gRPC door as any client sees it: HTTP/2 frames, a status, a text. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OipGrpcTest {
    private static final int OK = 0;
    private static final int INVALID_ARGUMENT = 3;
    private static final int NOT_FOUND = 5;
    private static final int PERMISSION_DENIED = 7;
    private static final int UNIMPLEMENTED = 12;
    private static final int UNAVAILABLE = 14;

    private final DoorRig rig = new DoorRig(true);

    @AfterAll
    void stop() {
        rig.close();
    }

    @Test
    void questionsAreAnswered() throws Exception {
        ServerMetadataResponse server =
                ServerMetadataResponse.parseFrom(ok("ServerMetadata", ServerMetadataRequest.getDefaultInstance()));
        assertThat(server.getName()).isEqualTo("turnout");
        assertThat(server.getVersion()).isEqualTo("1.2.3");
        ModelMetadataResponse model = ModelMetadataResponse.parseFrom(ok(
                "ModelMetadata",
                ModelMetadataRequest.newBuilder().setName("pair").build()));
        assertThat(model.getVersionsList()).containsExactly("1", "2");
        assertThat(model.getInputs(0).getShapeList()).containsExactly(-1L, 2L);
        ModelConfigResponse config = ModelConfigResponse.parseFrom(ok(
                "ModelConfig",
                ModelConfigRequest.newBuilder().setName("echo_bytes").build()));
        assertThat(config.getConfig().getInput(0).getDataType().name()).isEqualTo("TYPE_STRING");
        ModelStatisticsResponse statistics = ModelStatisticsResponse.parseFrom(ok(
                "ModelStatistics",
                ModelStatisticsRequest.newBuilder().setName("pair").build()));
        assertThat(statistics.getModelStatsList()).extracting("version").containsExactly("1", "2");
        RepositoryIndexResponse index =
                RepositoryIndexResponse.parseFrom(ok("RepositoryIndex", RepositoryIndexRequest.getDefaultInstance()));
        assertThat(index.getModelsList())
                .anySatisfy(entry -> assertThat(entry.getReason()).isEqualTo("no graph"))
                .filteredOn(entry -> entry.getName().equals("aside"))
                .extracting(entry -> entry.getVersion() + " " + entry.getState() + " " + entry.getReason())
                .containsExactly("1 UNAVAILABLE unloaded", "3 UNAVAILABLE unloaded");
    }

    @ParameterizedTest
    @CsvSource({"pair,'',true", "pair,1,true", "pair,9,false", "nope,'',false", "broken,'',false"})
    void readinessIsAnAnswerAndNeverAnError(String model, String version, boolean ready) throws Exception {
        ModelReadyRequest request = ModelReadyRequest.newBuilder()
                .setName(model)
                .setVersion(version)
                .build();

        assertThat(ModelReadyResponse.parseFrom(ok("ModelReady", request)).getReady())
                .isEqualTo(ready);
    }

    @ParameterizedTest
    @EnumSource(DataType.class)
    void rawContentsOfEveryTypeComeBackRaw(DataType type) throws Exception {
        ByteString blob = type == DataType.BYTES
                ? ByteString.copyFrom(new byte[] {1, 0, 0, 0, 'a', 0, 0, 0, 0})
                : ByteString.copyFrom(new byte[2 * type.width()]);

        ModelInferResponse reply =
                infer(request("echo_" + type.lowerName(), type, 2).addRawInputContents(blob));

        assertThat(reply.getRawOutputContentsList()).containsExactly(blob);
        assertThat(reply.getOutputs(0).getDatatype()).isEqualTo(type.name());
        assertThat(reply.getOutputs(0).hasContents()).isFalse();
        assertThat(reply.getModelVersion()).isEqualTo("2");
    }

    @Test
    void typedContentsComeBackRaw() throws Exception {
        ModelInferRequest.Builder request = request("echo_int16", DataType.INT16, 2);
        request.getInputsBuilder(0)
                .setContents(InferTensorContents.newBuilder().addIntContents(-2).addIntContents(258));
        request.setId("r");

        ModelInferResponse reply = infer(request);

        assertThat(reply.getId()).isEqualTo("r");
        assertThat(reply.getRawOutputContents(0).toByteArray()).containsExactly(-2, -1, 2, 1);
    }

    @Test
    void stringsMayBeTyped() throws Exception {
        ModelInferRequest.Builder request = request("echo_bytes", DataType.BYTES, 2);
        request.getInputsBuilder(0)
                .setContents(InferTensorContents.newBuilder()
                        .addBytesContents(ByteString.copyFromUtf8("ab"))
                        .addBytesContents(ByteString.EMPTY));

        assertThat(infer(request).getRawOutputContents(0).toByteArray())
                .containsExactly(2, 0, 0, 0, 'a', 'b', 0, 0, 0, 0);
    }

    @Test
    void aMessageOfMegabytesComesBack() throws Exception {
        int count = 1 << 20;
        ByteString blob = ByteString.copyFrom(new byte[4 * count]);

        ModelInferResponse reply =
                infer(request("echo_fp32", DataType.FP32, count).addRawInputContents(blob));

        assertThat(reply.getRawOutputContents(0)).isEqualTo(blob);
    }

    @Test
    void classificationAndParametersAreRead() throws Exception {
        ModelInferRequest.Builder request = request("echo_int32", DataType.INT32, 3)
                .putParameters(
                        "timeout",
                        InferParameter.newBuilder().setInt64Param(60_000_000).build())
                .putParameters(
                        "priority",
                        InferParameter.newBuilder().setUint64Param(1).build())
                .putParameters(
                        "tenant",
                        InferParameter.newBuilder().setStringParam("blue").build())
                .addOutputs(InferRequestedOutputTensor.newBuilder()
                        .setName("y")
                        .putParameters(
                                "classification",
                                InferParameter.newBuilder().setInt64Param(2).build()))
                .addRawInputContents(ByteString.copyFrom(new byte[] {1, 0, 0, 0, 9, 0, 0, 0, 3, 0, 0, 0}));

        assertThat(infer(request).getRawOutputContents(0).toStringUtf8()).isEqualTo("\3\0\0\0009:1\3\0\0\0003:2");
        assertThat(rig.lastCall().envelope().parameters()).containsOnlyKeys("tenant");
        assertThat(rig.lastCall().deadline()).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "raw too short|3|[request id: <id_unknown>] input byte size mismatch for input 'x' for model 'echo_fp32'. Expected 8, got 7",
                "raw missing|3|unable to find data for input tensor 'x' for model 'echo_fp32' in request.",
                "raw surplus|3|raw_input_contents has 2 entries",
                "raw and typed|3|contents field must not be specified when using raw_input_contents for 'x' for model 'echo_fp32'",
                "typed too few|3|have 1 elements",
                "wrong field|3|must be in fp32_contents alone",
                "unknown type|3|invalid datatype for input x",
                "unknown model|5|Request for unknown model: 'nope' is not found",
                "unknown version|5|Request for unknown model: 'echo_fp32' version 9 is not found",
                "version text|3|failed to get model version from specified version string 'abc'",
                "reserved|3|parameter keys starting with 'triton_' are reserved for Triton usage",
                "twice|3|input 'x' already exists in request",
                "shape huge|3|invalid shape for input 'x'",
                "shared memory|12|shared memory is not served",
                "full|14|Exceeds maximum queue size"
            })
    void faultyRequestsAreRefusedInTheWordsThatClientsKnow(String fault) throws Exception {
        String[] parts = fault.split("\\|");
        ModelInferRequest.Builder request = request("echo_fp32", DataType.FP32, 2);
        ByteString eight = ByteString.copyFrom(new byte[8]);
        InferParameter yes = InferParameter.newBuilder().setBoolParam(true).build();
        switch (parts[0]) {
            case "raw too short" -> request.addRawInputContents(eight.substring(1));
            case "raw missing" -> request.clearRawInputContents();
            case "raw surplus" -> request.addRawInputContents(eight).addRawInputContents(eight);
            case "raw and typed" -> {
                request.addRawInputContents(eight);
                request.getInputsBuilder(0).getContentsBuilder().addFp32Contents(1);
            }
            case "typed too few" ->
                request.getInputsBuilder(0).getContentsBuilder().addFp32Contents(1);
            case "wrong field" ->
                request.getInputsBuilder(0).getContentsBuilder().addIntContents(1);
            case "unknown type" -> {
                request.getInputsBuilder(0).setDatatype("FLOAT");
                request.addRawInputContents(eight);
            }
            case "unknown model" -> request.setModelName("nope").addRawInputContents(eight);
            case "unknown version" -> request.setModelVersion("9").addRawInputContents(eight);
            case "version text" -> request.setModelVersion("abc").addRawInputContents(eight);
            case "reserved" -> request.putParameters("triton_enable", yes).addRawInputContents(eight);
            case "twice" ->
                request.addInputs(request.getInputs(0))
                        .addRawInputContents(eight)
                        .addRawInputContents(eight);
            case "shape huge" -> {
                request.getInputsBuilder(0).setShape(0, 1L << 62).addShape(8);
                request.addRawInputContents(eight);
            }
            case "shared memory" -> request.getInputsBuilder(0).putParameters("shared_memory_region", yes);
            case "full" -> request.setModelName("full").addRawInputContents(eight);
            default -> throw new AssertionError(parts[0]);
        }

        Reply reply = call("ModelInfer", request.build().toByteArray(), rig);

        assertThat(reply.text()).contains(parts[2]);
        assertThat(reply.status()).isEqualTo(Integer.parseInt(parts[1]));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ffffffffff", "0affffffff7f", "08", "3a05aa", "0b"})
    void bytesThatAreNoMessageAreRefused(String hex) {
        Reply reply = call("ModelInfer", HexFormat.of().parseHex(hex), rig);

        assertThat(reply.status()).isEqualTo(INVALID_ARGUMENT);
        assertThat(reply.text()).isNotEmpty();
    }

    @Test
    void modelsAreLoadedByTheNameInEitherField() {
        byte[] fieldOne = RepositoryModelLoadRequest.newBuilder()
                .setRepositoryName("pair")
                .build()
                .toByteArray();
        byte[] fieldTwo = RepositoryModelLoadRequest.newBuilder()
                .setModelName("pair")
                .build()
                .toByteArray();

        assertThat(call("RepositoryModelLoad", fieldOne, rig).message())
                .isEqualTo(call("RepositoryModelLoad", fieldTwo, rig).message())
                .startsWith(fieldOne);
        assertThat(call("RepositoryModelUnload", fieldOne, rig).status()).isEqualTo(OK);
        assertThat(rig.controlled).containsExactly("load pair", "load pair", "unload pair");
        byte[] unknown = RepositoryModelLoadRequest.newBuilder()
                .setModelName("nope")
                .build()
                .toByteArray();
        assertThat(call("RepositoryModelLoad", unknown, rig).status()).isEqualTo(NOT_FOUND);
    }

    @Test
    void loadingIsForbiddenWhereItIsNotAllowed() {
        try (DoorRig closed = new DoorRig(false)) {
            assertThat(call("RepositoryModelUnload", new byte[0], closed).status())
                    .isEqualTo(PERMISSION_DENIED);
        }
    }

    @Test
    void methodsThatAreNotServedAreUnimplemented() {
        assertThat(call("TraceSetting", new byte[0], rig).status()).isEqualTo(UNIMPLEMENTED);
    }

    @Test
    void aModelThatIsNotReadyIsUnavailable() {
        byte[] request =
                ModelMetadataRequest.newBuilder().setName("broken").build().toByteArray();

        assertThat(call("ModelMetadata", request, rig).status()).isEqualTo(UNAVAILABLE);
    }

    private static ModelInferRequest.Builder request(String model, DataType type, long elements) {
        return ModelInferRequest.newBuilder()
                .setModelName(model)
                .addInputs(InferInputTensor.newBuilder()
                        .setName("x")
                        .setDatatype(type.name())
                        .addShape(elements));
    }

    private ModelInferResponse infer(ModelInferRequest.Builder request) throws Exception {
        return ModelInferResponse.parseFrom(ok("ModelInfer", request.build()));
    }

    private byte[] ok(String method, MessageLite request) {
        Reply reply = call(method, request.toByteArray(), rig);
        assertThat(reply.status()).as(reply.text()).isEqualTo(OK);
        return reply.message();
    }

    /** What came back: status, its text, and the message if there was one. */
    @SuppressWarnings("ArrayRecordComponent") // read only
    private record Reply(int status, String text, byte[] message) {}

    private static Reply call(String method, byte[] message, DoorRig rig) {
        HttpClient client = rig.vertx()
                .createHttpClient(new HttpClientOptions()
                        .setProtocolVersion(HttpVersion.HTTP_2)
                        .setHttp2ClearTextUpgrade(false));
        Buffer frame =
                Buffer.buffer().appendByte((byte) 0).appendInt(message.length).appendBytes(message);
        return Futures.result(client.request(
                        HttpMethod.POST, rig.port(), "127.0.0.1", "/inference.GRPCInferenceService/" + method)
                .compose(request -> request.putHeader("content-type", "application/grpc")
                        .putHeader("te", "trailers")
                        .send(frame))
                .compose(response -> response.body().map(body -> {
                    String status = either(response.getHeader("grpc-status"), response.getTrailer("grpc-status"));
                    String text = either(response.getHeader("grpc-message"), response.getTrailer("grpc-message"));
                    return new Reply(
                            Integer.parseInt(status),
                            URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8),
                            body.length() < 5 ? new byte[0] : body.getBytes(5, body.length()));
                }))
                .eventually(client::close));
    }

    private static String either(@Nullable String header, @Nullable String trailer) {
        return header != null ? header : trailer != null ? trailer : "";
    }

    @Test
    void aMessageThatCannotBeReadIsCounted() {
        rig.early.clear();

        assertThat(call("ModelInfer", new byte[] {8}, rig).status()).isEqualTo(INVALID_ARGUMENT);

        assertThat(rig.early).containsExactly("OIP_GRPC MALFORMED");
    }
}
