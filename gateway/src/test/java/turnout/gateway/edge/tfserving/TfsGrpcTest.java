package turnout.gateway.edge.tfserving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientOptions;
import io.vertx.grpc.client.GrpcClientResponse;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import turnout.gateway.lifecycle.VersionChoice;
import turnout.gateway.rig.Futures;
import turnout.protocol.tensorflow.DataType;
import turnout.protocol.tensorflow.Example;
import turnout.protocol.tensorflow.Feature;
import turnout.protocol.tensorflow.Features;
import turnout.protocol.tensorflow.Int64List;
import turnout.protocol.tensorflow.TensorProto;
import turnout.protocol.tensorflow.TensorShapeProto;
import turnout.protocol.tfserving.ClassificationRequest;
import turnout.protocol.tfserving.ClassificationResponse;
import turnout.protocol.tfserving.ExampleList;
import turnout.protocol.tfserving.ExampleListWithContext;
import turnout.protocol.tfserving.GetModelMetadataRequest;
import turnout.protocol.tfserving.GetModelMetadataResponse;
import turnout.protocol.tfserving.GetModelStatusRequest;
import turnout.protocol.tfserving.GetModelStatusResponse;
import turnout.protocol.tfserving.InferenceTask;
import turnout.protocol.tfserving.Input;
import turnout.protocol.tfserving.ModelConfig;
import turnout.protocol.tfserving.ModelServerConfig;
import turnout.protocol.tfserving.ModelSpec;
import turnout.protocol.tfserving.ModelVersionStatus;
import turnout.protocol.tfserving.MultiInferenceRequest;
import turnout.protocol.tfserving.MultiInferenceResponse;
import turnout.protocol.tfserving.PredictRequest;
import turnout.protocol.tfserving.PredictResponse;
import turnout.protocol.tfserving.RegressionRequest;
import turnout.protocol.tfserving.RegressionResponse;
import turnout.protocol.tfserving.ReloadConfigRequest;
import turnout.protocol.tfserving.ReloadConfigResponse;
import turnout.protocol.tfserving.SignatureDefMap;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TfsGrpcTest {
    @SuppressWarnings("NullAway.Init")
    private DoorRig rig;

    @SuppressWarnings("NullAway.Init")
    private GrpcClient client;

    @BeforeAll
    void open() {
        rig = new DoorRig();
        client = GrpcClient.client(rig.vertx, new GrpcClientOptions().setMaxMessageSize(64 << 20));
    }

    @AfterAll
    void close() {
        Futures.result(client.close());
        rig.close();
    }

    /** What came back: a message or a status other than OK. */
    private record Reply(GrpcStatus status, String text, List<Buffer> messages) {
        <T> T as(Parser<T> parser) throws InvalidProtocolBufferException {
            assertThat(status).as(text).isEqualTo(GrpcStatus.OK);
            return parser.parseFrom(messages.get(0).getBytes());
        }

        void isRefused(GrpcStatus expected, String words) {
            assertThat(status).as(text).isEqualTo(expected);
            assertThat(text).contains(words);
        }
    }

    private Reply call(String service, String method, Buffer message) {
        return call(rig.port(), service, method, message);
    }

    private Reply call(int port, String service, String method, Buffer message) {
        ServiceMethod<Buffer, Buffer> raw = ServiceMethod.client(
                ServiceName.create("tensorflow.serving", service),
                method,
                GrpcMessageEncoder.IDENTITY,
                GrpcMessageDecoder.IDENTITY);
        // Nested: on the client's event loop the handlers are there before the answer is.
        return Futures.result(client.request(SocketAddress.inetSocketAddress(port, "127.0.0.1"), raw)
                .compose(request -> request.send(message).compose(TfsGrpcTest::reply)));
    }

    private static Future<Reply> reply(GrpcClientResponse<Buffer, Buffer> response) {
        Promise<Reply> promise = Promise.promise();
        List<Buffer> messages = new CopyOnWriteArrayList<>();
        response.handler(messages::add);
        response.exceptionHandler(promise::tryFail);
        response.endHandler(end -> promise.tryComplete(new Reply(
                Objects.requireNonNull(response.status()), String.valueOf(response.statusMessage()), messages)));
        return promise.future();
    }

    private Reply ask(String method, MessageLite message) {
        return call("PredictionService", method, Buffer.buffer(message.toByteArray()));
    }

    private Reply ofModels(String method, MessageLite message) {
        return call("ModelService", method, Buffer.buffer(message.toByteArray()));
    }

    private static ModelSpec spec(String model, @Nullable String signature) {
        ModelSpec.Builder spec = ModelSpec.newBuilder().setName(model);
        if (signature != null) {
            spec.setSignatureName(signature);
        }
        return spec.build();
    }

    private static ModelSpec version(String model, long number) {
        ModelSpec.Builder spec = ModelSpec.newBuilder().setName(model);
        spec.getVersionBuilder().setValue(number);
        return spec.build();
    }

    private static TensorProto.Builder tensor(DataType type, long... dims) {
        TensorProto.Builder tensor = TensorProto.newBuilder().setDtype(type);
        TensorShapeProto.Builder shape = tensor.getTensorShapeBuilder();
        for (long dim : dims) {
            shape.addDimBuilder().setSize(dim);
        }
        return tensor;
    }

    private static TensorProto floats(float... values) {
        TensorProto.Builder tensor = tensor(DataType.DT_FLOAT, values.length);
        for (float value : values) {
            tensor.addFloatVal(value);
        }
        return tensor.build();
    }

    private static PredictRequest.Builder predict(String model) {
        return PredictRequest.newBuilder().setModelSpec(spec(model, null)).putInputs("x", floats(1, 2.5f));
    }

    @Test
    void predictAnswersInTypedListsAndNamesVersionAndSignature() throws Exception {
        PredictResponse response = ask("Predict", predict("echo").build()).as(PredictResponse.parser());
        assertThat(response.getOutputsMap()).containsExactly(Map.entry("y", floats(1, 2.5f)));
        assertThat(response.getModelSpec())
                .isEqualTo(version("echo", 3).toBuilder()
                        .setSignatureName("serving_default")
                        .build());
    }

    @Test
    void numbersMayComeAsTensorContentAndBooleansAndIntegersGoAsTheirLists() throws Exception {
        PredictRequest request = PredictRequest.newBuilder()
                .setModelSpec(spec("echo", "two"))
                .putInputs(
                        "a",
                        tensor(DataType.DT_INT64, 1, 2)
                                .setTensorContent(ByteString.copyFrom(
                                        new byte[] {1, 0, 0, 0, 0, 0, 0, 0, -1, -1, -1, -1, -1, -1, -1, -1}))
                                .build())
                .putInputs(
                        "b",
                        tensor(DataType.DT_BOOL, 2)
                                .addBoolVal(true)
                                .addBoolVal(false)
                                .build())
                .build();
        PredictResponse response = ask("Predict", request).as(PredictResponse.parser());
        assertThat(response.getOutputsOrThrow("p").getInt64ValList()).containsExactly(1L, -1L);
        assertThat(response.getOutputsOrThrow("q").getBoolValList()).containsExactly(true, false);
    }

    @Test
    void theOutputFilterIsHandedOn() throws Exception {
        rig.calls.clear();
        ask("Predict", predict("echo").addOutputFilter("y").build()).as(PredictResponse.parser());
        assertThat(rig.calls)
                .singleElement()
                .satisfies(call -> assertThat(call.envelope().outputs()).containsExactly("y"));
    }

    @Test
    void megabytesArriveAsTheyWereSent() throws Exception {
        float[] values = new float[1 << 20];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        PredictRequest request = predict("echo").putInputs("x", floats(values)).build();
        assertThat(ask("Predict", request).as(PredictResponse.parser()).getOutputsOrThrow("y"))
                .isEqualTo(floats(values));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nope|NOT_FOUND|Servable not found for request: Latest(nope)",
                "busy|UNAVAILABLE|is full",
                "late|DEADLINE_EXCEEDED|Timed out waiting for notification",
                "loading|UNAVAILABLE|loading",
                "gone|NOT_FOUND|Servable not found for request: Latest(gone)",
                "failing|INVALID_ARGUMENT|negative value in x",
                "defective|INTERNAL|internal error",
            })
    void refusalsHaveTheirStatusAndTheirWords(String model, GrpcStatus status, String text) {
        ask("Predict", predict(model).build()).isRefused(status, text);
    }

    @Test
    void aMissingSpecAndAMissingNameAreToldApart() {
        ask("Predict", PredictRequest.getDefaultInstance()).isRefused(GrpcStatus.INVALID_ARGUMENT, "Missing ModelSpec");
        ask("Predict", predict("").build()).isRefused(GrpcStatus.INVALID_ARGUMENT, "ModelSpec has no name specified.");
    }

    @Test
    void unknownVersionsAndLabelsAreNamed() {
        ask("Predict", predict("echo").setModelSpec(version("echo", -1)).build())
                .isRefused(GrpcStatus.NOT_FOUND, "Servable not found for request: Specific(echo, -1)");
        ModelSpec label =
                ModelSpec.newBuilder().setName("nope").setVersionLabel("l").build();
        ask("Predict", predict("nope").setModelSpec(label).build())
                .isRefused(GrpcStatus.INVALID_ARGUMENT, "Unrecognized servable version label: l");
    }

    @Test
    void unknownSignaturesAreAnotherFailureToEachMethod() {
        ModelSpec spec = spec("echo", "nope");
        ask("Predict", predict("echo").setModelSpec(spec).build())
                .isRefused(GrpcStatus.FAILED_PRECONDITION, "Serving signature key \"nope\" not found.");
        ask(
                        "Classify",
                        ClassificationRequest.newBuilder()
                                .setModelSpec(spec)
                                .setInput(rows())
                                .build())
                .isRefused(GrpcStatus.INVALID_ARGUMENT, "No signature was found with the name: nope");
        InferenceTask task = task("nope", "regress").build();
        ask(
                        "MultiInference",
                        MultiInferenceRequest.newBuilder()
                                .addTasks(task)
                                .setInput(rows())
                                .build())
                .isRefused(GrpcStatus.INVALID_ARGUMENT, "Requested signature not found in model graph: nope");
    }

    @Test
    void case68_inputsThatDoNotFitAreNamed() {
        PredictRequest.Builder two = PredictRequest.newBuilder().setModelSpec(spec("echo", "two"));
        ask("Predict", two.clone().putInputs("a", floats(1)).build())
                .isRefused(
                        GrpcStatus.INVALID_ARGUMENT,
                        "input size does not match signature: 1!=2 len({a}) != len({a,b}). Sent extra: {}. Missing but"
                                + " required: {b}.");
        ask("Predict", predict("echo").putInputs("c", floats(1)).build())
                .isRefused(GrpcStatus.INVALID_ARGUMENT, "Sent extra: {c}. Missing but required: {}.");
        ask(
                        "Predict",
                        two.clone()
                                .putInputs("a", floats(1))
                                .putInputs("c", floats(1))
                                .build())
                .isRefused(
                        GrpcStatus.INVALID_ARGUMENT,
                        "Signature input alias: b(feed name: b) not found in request and no default value provided.");
        TensorProto odd = tensor(DataType.DT_FLOAT, 1)
                .setTensorContent(ByteString.copyFromUtf8("12345"))
                .build();
        ask("Predict", predict("echo").putInputs("x", odd).build())
                .isRefused(GrpcStatus.INVALID_ARGUMENT, "tensor parsing error: x");
        ask(
                        "Predict",
                        predict("echo")
                                .putInputs(
                                        "x",
                                        tensor(DataType.DT_FLOAT, 1L << 42)
                                                .addFloatVal(1)
                                                .build())
                                .build())
                .isRefused(GrpcStatus.INVALID_ARGUMENT, "tensor parsing error: x");
        ask(
                        "Predict",
                        predict("echo")
                                .putInputs("x", tensor(DataType.DT_COMPLEX64, 1).build())
                                .build())
                .isRefused(GrpcStatus.UNIMPLEMENTED, "tensor parsing error: x");
    }

    @Test
    void longMessagesAreCut() {
        PredictRequest.Builder request = predict("echo");
        for (int i = 0; i < 2000; i++) {
            request.putInputs("x" + i, TensorProto.getDefaultInstance());
        }
        Reply reply = ask("Predict", request.build());
        reply.isRefused(GrpcStatus.INVALID_ARGUMENT, "...TRUNCATED");
        assertThat(reply.text()).hasSizeLessThanOrEqualTo(1024);
    }

    @Test
    void bytesThatAreNoMessageAreRefusedAndCounted() {
        rig.early.clear();
        for (byte[] garbage : new byte[][] {
            {8},
            {10, -1, -1, -1, 127},
            {-1, -1, -1},
            "not a proto at all".getBytes(java.nio.charset.StandardCharsets.UTF_8)
        }) {
            call("PredictionService", "Predict", Buffer.buffer(garbage))
                    .isRefused(GrpcStatus.INVALID_ARGUMENT, "cannot be parsed");
        }
        assertThat(rig.early).hasSize(4).containsOnly("TFS_GRPC MALFORMED");
    }

    private static Example id(long value) {
        return Example.newBuilder()
                .setFeatures(Features.newBuilder()
                        .putFeature(
                                "id",
                                Feature.newBuilder()
                                        .setInt64List(Int64List.newBuilder().addValue(value))
                                        .build()))
                .build();
    }

    private static Input rows() {
        return Input.newBuilder()
                .setExampleList(ExampleList.newBuilder().addExamples(id(7)).addExamples(Example.getDefaultInstance()))
                .build();
    }

    @Test
    void classifyAndRegressHandTheSerialisedRowsToTheModel() throws Exception {
        float length = id(7).getSerializedSize();
        RegressionRequest regress = RegressionRequest.newBuilder()
                .setModelSpec(spec("echo", "regress"))
                .setInput(rows())
                .build();
        RegressionResponse regressed = ask("Regress", regress).as(RegressionResponse.parser());
        assertThat(regressed.getResult().getRegressionsList())
                .extracting(regression -> regression.getValue())
                .containsExactly(length, 0f);
        assertThat(regressed.getModelSpec().getSignatureName()).isEqualTo("regress");
        ClassificationRequest classify = ClassificationRequest.newBuilder()
                .setModelSpec(spec("echo", "classify"))
                .setInput(rows())
                .build();
        ClassificationResponse classified = ask("Classify", classify).as(ClassificationResponse.parser());
        assertThat(classified.getResult().getClassifications(0).getClasses(0).getLabel())
                .isEqualTo("c");
        assertThat(classified.getResult().getClassifications(0).getClasses(0).getScore())
                .isEqualTo(length);
    }

    @Test
    void theContextStandsBeforeEachRow() throws Exception {
        Input input = Input.newBuilder()
                .setExampleListWithContext(ExampleListWithContext.newBuilder()
                        .setContext(id(7))
                        .addExamples(Example.getDefaultInstance())
                        .addExamples(id(8)))
                .build();
        float length = id(7).getSerializedSize();
        RegressionResponse response = ask(
                        "Regress",
                        RegressionRequest.newBuilder()
                                .setModelSpec(spec("echo", "regress"))
                                .setInput(input)
                                .build())
                .as(RegressionResponse.parser());
        assertThat(response.getResult().getRegressionsList())
                .extracting(regression -> regression.getValue())
                .containsExactly(length, 2 * length);
        Example merged = Example.parseFrom(id(7).toByteString().concat(id(8).toByteString()));
        assertThat(merged).isEqualTo(id(8));
    }

    @Test
    void anEmptyInputAndASignatureOfAnotherMethodAreRefused() {
        ask(
                        "Regress",
                        RegressionRequest.newBuilder()
                                .setModelSpec(spec("echo", "regress"))
                                .build())
                .isRefused(GrpcStatus.INVALID_ARGUMENT, "Input is empty.");
        ask(
                        "Regress",
                        RegressionRequest.newBuilder()
                                .setModelSpec(spec("echo", "classify"))
                                .setInput(rows())
                                .build())
                .isRefused(GrpcStatus.INVALID_ARGUMENT, "Expected regression signature method_name to be");
    }

    private static InferenceTask.Builder task(String signature, String method) {
        return InferenceTask.newBuilder()
                .setModelSpec(spec("echo", signature))
                .setMethodName("tensorflow/serving/" + method);
    }

    private Reply multi(InferenceTask.Builder... tasks) {
        MultiInferenceRequest.Builder request =
                MultiInferenceRequest.newBuilder().setInput(rows());
        for (InferenceTask.Builder task : tasks) {
            request.addTasks(task);
        }
        return ask("MultiInference", request.build());
    }

    @Test
    void multiInferenceAnswersInTheTasksOrder() throws Exception {
        MultiInferenceResponse response =
                multi(task("regress", "regress"), task("classify", "classify")).as(MultiInferenceResponse.parser());
        assertThat(response.getResultsCount()).isEqualTo(2);
        assertThat(response.getResults(0).hasRegressionResult()).isTrue();
        assertThat(response.getResults(1).hasClassificationResult()).isTrue();
        assertThat(response.getResults(1).getModelSpec().getVersion().getValue())
                .isEqualTo(3);
    }

    @Test
    void multiInferenceSaysWhyItRefuses() {
        multi(task("regress", "regress"), task("regress", "regress"))
                .isRefused(GrpcStatus.INVALID_ARGUMENT, "Duplicate evaluation of signature: regress");
        multi(task("regress", "regress"), task("classify", "classify").setModelSpec(spec("other", "classify")))
                .isRefused(
                        GrpcStatus.INVALID_ARGUMENT,
                        "All ModelSpecs in a MultiInferenceRequest must access the same model name.");
        multi(task("two", "predict"))
                .isRefused(GrpcStatus.UNIMPLEMENTED, "Unsupported signature method_name: tensorflow/serving/predict");
        multi().isRefused(GrpcStatus.INVALID_ARGUMENT, "no tasks");
    }

    @Test
    void metadataPackTheSignatures() throws Exception {
        GetModelMetadataRequest request = GetModelMetadataRequest.newBuilder()
                .setModelSpec(spec("echo", null))
                .addMetadataField("signature_def")
                .build();
        GetModelMetadataResponse response = ask("GetModelMetadata", request).as(GetModelMetadataResponse.parser());
        assertThat(response.getModelSpec()).isEqualTo(version("echo", 3));
        assertThat(response.getMetadataOrThrow("signature_def").getTypeUrl())
                .isEqualTo("type.googleapis.com/tensorflow.serving.SignatureDefMap");
        SignatureDefMap map = response.getMetadataOrThrow("signature_def").unpack(SignatureDefMap.class);
        assertThat(map.getSignatureDefMap()).containsOnlyKeys(DoorRig.SIGNATURES.keySet());
        assertThat(map.getSignatureDefOrThrow("serving_default")
                        .getInputsOrThrow("x")
                        .getName())
                .isEqualTo("x:0");
    }

    @Test
    void metadataRefuseOtherFields() {
        GetModelMetadataRequest none = GetModelMetadataRequest.newBuilder()
                .setModelSpec(spec("echo", null))
                .build();
        ask("GetModelMetadata", none)
                .isRefused(
                        GrpcStatus.INVALID_ARGUMENT,
                        "GetModelMetadataRequest must specify at least one metadata_field");
        ask("GetModelMetadata", none.toBuilder().addMetadataField("f").build())
                .isRefused(GrpcStatus.INVALID_ARGUMENT, "Metadata field f is not supported");
        ask(
                        "GetModelMetadata",
                        none.toBuilder()
                                .addMetadataField("signature_def")
                                .setModelSpec(version("echo", 2))
                                .build())
                .isRefused(GrpcStatus.NOT_FOUND, "Servable not found for request: Specific(echo, 2)");
    }

    @Test
    void statusListsVersionsNewestFirstWithTheirFailures() throws Exception {
        GetModelStatusRequest request = GetModelStatusRequest.newBuilder()
                .setModelSpec(spec("echo", null))
                .build();
        GetModelStatusResponse response = ofModels("GetModelStatus", request).as(GetModelStatusResponse.parser());
        assertThat(response.getModelVersionStatusList())
                .extracting(ModelVersionStatus::getVersion, ModelVersionStatus::getState)
                .containsExactly(
                        tuple(3L, ModelVersionStatus.State.AVAILABLE), tuple(2L, ModelVersionStatus.State.END));
        assertThat(response.getModelVersionStatus(1).getStatus().getErrorMessage())
                .isEqualTo("it is \"broken\"");
        ofModels(
                        "GetModelStatus",
                        request.toBuilder().setModelSpec(spec("nope", null)).build())
                .isRefused(GrpcStatus.NOT_FOUND, "Could not find any versions of model nope");
        ofModels("GetModelStatus", GetModelStatusRequest.getDefaultInstance())
                .isRefused(GrpcStatus.INVALID_ARGUMENT, "Missing ModelSpec");
    }

    private static ReloadConfigRequest reload(ModelConfig... configs) {
        ModelServerConfig.Builder server = ModelServerConfig.newBuilder();
        server.getModelConfigListBuilder().addAllConfig(List.of(configs));
        return ReloadConfigRequest.newBuilder().setConfig(server).build();
    }

    @Test
    void aReloadReachesTheControl() throws Exception {
        rig.reloaded.clear();
        ModelConfig.Builder config = ModelConfig.newBuilder()
                .setName("m")
                .setBasePath("/models/m")
                .setModelPlatform("tensorflow")
                .putVersionLabels("stable", 3);
        config.getModelVersionPolicyBuilder()
                .getSpecificBuilder()
                .addVersions(3)
                .addVersions(1);
        Reply reply = ofModels("HandleReloadConfigRequest", reload(config.build()));
        assertThat(reply.as(ReloadConfigResponse.parser()).getStatus().getErrorCodeValue())
                .isZero();
        assertThat(rig.reloaded).singleElement().satisfies(model -> {
            assertThat(model.name()).isEqualTo("m");
            assertThat(model.basePath().toString()).isEqualTo("/models/m");
            assertThat(model.platform()).isEqualTo("tensorflow");
            assertThat(model.labels()).containsExactly(Map.entry("stable", 3L));
            assertThat(model.policy())
                    .isInstanceOfSatisfying(VersionChoice.Specific.class, specific -> assertThat(specific.numbers())
                            .containsExactly(1L, 3L));
        });
    }

    @Test
    void aReloadThatTheControlRefusesKeepsItsReason() {
        ofModels("HandleReloadConfigRequest", reload()).isRefused(GrpcStatus.FAILED_PRECONDITION, "nothing left");
        ofModels("HandleReloadConfigRequest", ReloadConfigRequest.getDefaultInstance())
                .isRefused(GrpcStatus.INVALID_ARGUMENT, "expected model_config_list");
    }

    @Test
    void aReloadIsForbiddenWhereRepositoryControlIsOff() {
        try (DoorRig locked = new DoorRig(false)) {
            call(locked.port(), "ModelService", "HandleReloadConfigRequest", Buffer.buffer())
                    .isRefused(GrpcStatus.PERMISSION_DENIED, "switched off");
            assertThat(locked.reloaded).isEmpty();
        }
    }
}
