package turnout.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;
import static turnout.dist.CaseClient.isRefused;
import static turnout.dist.RpcCases.predict;

import com.google.protobuf.ByteString;
import com.google.protobuf.Int64Value;
import com.google.protobuf.Message;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import turnout.protocol.tensorflow.DataType;
import turnout.protocol.tensorflow.Example;
import turnout.protocol.tensorflow.Feature;
import turnout.protocol.tensorflow.Features;
import turnout.protocol.tensorflow.FloatList;
import turnout.protocol.tensorflow.TensorProto;
import turnout.protocol.tensorflow.TensorShapeProto;
import turnout.protocol.tfserving.ClassificationRequest;
import turnout.protocol.tfserving.ClassificationResponse;
import turnout.protocol.tfserving.ExampleList;
import turnout.protocol.tfserving.GetModelMetadataRequest;
import turnout.protocol.tfserving.GetModelMetadataResponse;
import turnout.protocol.tfserving.GetModelStatusRequest;
import turnout.protocol.tfserving.GetModelStatusResponse;
import turnout.protocol.tfserving.InferenceTask;
import turnout.protocol.tfserving.Input;
import turnout.protocol.tfserving.ModelSpec;
import turnout.protocol.tfserving.MultiInferenceRequest;
import turnout.protocol.tfserving.MultiInferenceResponse;
import turnout.protocol.tfserving.PredictRequest;
import turnout.protocol.tfserving.PredictResponse;
import turnout.protocol.tfserving.RegressionRequest;
import turnout.protocol.tfserving.RegressionResponse;
import turnout.protocol.tfserving.SessionRunRequest;
import turnout.protocol.tfserving.SessionRunResponse;

/** What TensorFlow Serving's clients are told when something is wrong, over REST and over gRPC, word for word. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TensorFlowServingFailuresIT {
    private static final CaseModel HALF = new CaseModel("half_plus_two", null);
    private static final String INVALID = "INVALID_ARGUMENT";

    private final Served server;
    private final Doors doors;
    private final CaseClient client;

    TensorFlowServingFailuresIT(@TempDir Path folder) {
        server = Served.start(new ModelFolder(folder)
                .add("half_plus_two", "half_plus_two_onnx", "multi_io", "multi_io_onnx", "matrix", "examples"));
        doors = new Doors(server.port());
        client = new CaseClient(doors);
    }

    @AfterAll
    void stop() {
        doors.close();
        server.close();
    }

    /** A request over REST and its refusal. */
    private DynamicTest rest(String path, String body, int status, String text) {
        return dynamicTest(path + " " + body, () -> isRefused(client.post("/v1/models/" + path, body), status, text));
    }

    @TestFactory
    Stream<DynamicTest> overRest() {
        String one = "{'instances': [1]}";
        String element = "Failed to process element: 0 ";
        return Stream.of(
                rest("nope:predict", one, 404, "Servable not found for request: Latest(nope)"),
                rest("half_plus_two/versions/99:predict", one, 404, "Specific(half_plus_two, 99)"),
                rest("nope/labels/l:predict", one, 400, "Unrecognized servable version label: l"),
                rest("nope:predict", "{", 400, "JSON Parse error: "),
                rest("multi_io:predict", one, 400, "instances is a plain list, but expecting list of objects"),
                rest(
                        "multi_io:predict",
                        "{'inputs': [1]}",
                        400,
                        "inputs is a plain value/list, but expecting an object as multiple input tensors required as"
                                + " per tensorinfo_map"),
                rest(
                        "multi_io_onnx:predict",
                        "{'instances': [{'a': [1, 2]}]}",
                        400,
                        element + "of 'instances' list. JSON object: {\"a\": [1, 2]} keys must be equal to: a,b"),
                rest(
                        "half_plus_two:predict",
                        "{'instances': ['x']}",
                        400,
                        element + "of 'instances' list. Error: INVALID_ARGUMENT: JSON Value: \"x\" Type: String is not"
                                + " of expected type: float"),
                rest(
                        "matrix:predict",
                        "{'inputs': [[1, 2], [3]]}",
                        400,
                        "Encountered list at unexpected size: 1 at level: 1 expected size: 2"),
                rest(
                        "matrix:predict",
                        "{'inputs': [[1, 2], [[3], 4]]}",
                        400,
                        "Encountered list at unexpected level: 2 expected < 2"),
                rest(
                        "matrix:predict",
                        "{'inputs': [[1, 2], 1]}",
                        400,
                        "JSON Value: 1 found at incorrect level: 2 in the JSON DOM. Expected at level: 2"),
                rest("matrix:predict", "{'instances': [1]}", 400, "x"),
                rest(
                        "examples:classify",
                        "{}",
                        400,
                        "When method is classify, key 'examples' is expected and was not found"),
                rest(
                        "examples:regress",
                        "{}",
                        400,
                        "When method is regress, key 'examples' is expected and was not found"),
                rest("examples:regress", "{'examples': []}", 400, "'examples' value is an empty array"),
                rest(
                        "examples:regress",
                        "{'signature_name': 's', 'examples': [{}]}",
                        400,
                        "No signature was found with the name: s"));
    }

    /** A message over gRPC and its refusal. */
    private DynamicTest rpc(String method, Message request, Message kind, String status, String text) {
        return dynamicTest(
                method + ": " + text,
                () -> client.refusesCall(
                        kind instanceof GetModelStatusResponse ? GrpcCaller.MODELS : GrpcCaller.PREDICTION,
                        method,
                        request,
                        kind,
                        status,
                        text));
    }

    private DynamicTest predicts(PredictRequest.Builder request, String status, String text) {
        return rpc("Predict", request.build(), PredictResponse.getDefaultInstance(), status, text);
    }

    @TestFactory
    Stream<DynamicTest> predictOverGrpc() {
        UnaryOperator<ModelSpec.Builder> plain = UnaryOperator.identity();
        TensorProto cut = TensorProto.newBuilder()
                .setDtype(DataType.DT_FLOAT)
                .setTensorShape(TensorShapeProto.newBuilder()
                        .addDim(TensorShapeProto.Dim.newBuilder().setSize(1)))
                .setTensorContent(ByteString.copyFrom(new byte[3]))
                .build();
        return Stream.of(
                predicts(predict(HALF, plain).clearModelSpec(), INVALID, "Missing ModelSpec"),
                predicts(predict(HALF, ModelSpec.Builder::clearName), INVALID, "ModelSpec has no name specified."),
                predicts(
                        predict(HALF, spec -> spec.setName("m")),
                        "NOT_FOUND",
                        "Servable not found for request: Latest(m)"),
                predicts(
                        predict(HALF, spec -> spec.setVersion(Int64Value.of(9))),
                        "NOT_FOUND",
                        "Servable not found for request: Specific(half_plus_two, 9)"),
                predicts(
                        predict(HALF, spec -> spec.setName("m").setVersionLabel("l")),
                        INVALID,
                        "Unrecognized servable version label: l"),
                predicts(
                        predict(HALF, spec -> spec.setSignatureName("s")),
                        "FAILED_PRECONDITION",
                        "Serving signature key \"s\" not found."),
                predicts(
                        predict(HALF, plain).clearInputs().putInputs("z", RpcCases.floats(1)),
                        INVALID,
                        "Signature input alias: x(feed name: x:0) not found in request and no default value provided."),
                predicts(predict(HALF, plain).putInputs("x", cut), INVALID, "tensor parsing error: x"));
    }

    @TestFactory
    Stream<DynamicTest> statusAndMetadataOverGrpc() {
        ModelSpec half = ModelSpec.newBuilder().setName("half_plus_two").build();
        GetModelStatusResponse states = GetModelStatusResponse.getDefaultInstance();
        GetModelMetadataResponse metadata = GetModelMetadataResponse.getDefaultInstance();
        return Stream.of(
                rpc(
                        "GetModelStatus",
                        GetModelStatusRequest.newBuilder()
                                .setModelSpec(ModelSpec.newBuilder().setName("m"))
                                .build(),
                        states,
                        "NOT_FOUND",
                        "Could not find any versions of model m"),
                rpc(
                        "GetModelStatus",
                        GetModelStatusRequest.newBuilder()
                                .setModelSpec(half.toBuilder().setVersion(Int64Value.of(9)))
                                .build(),
                        states,
                        "NOT_FOUND",
                        "Could not find version 9 of model half_plus_two"),
                rpc(
                        "GetModelMetadata",
                        GetModelMetadataRequest.newBuilder().setModelSpec(half).build(),
                        metadata,
                        INVALID,
                        "GetModelMetadataRequest must specify at least one metadata_field"),
                rpc(
                        "GetModelMetadata",
                        GetModelMetadataRequest.newBuilder()
                                .setModelSpec(half)
                                .addMetadataField("f")
                                .build(),
                        metadata,
                        INVALID,
                        "Metadata field f is not supported"));
    }

    private static ModelSpec spec(String signature) {
        return ModelSpec.newBuilder()
                .setName("examples")
                .setSignatureName(signature)
                .build();
    }

    private static Input rows(float... values) {
        ExampleList.Builder rows = ExampleList.newBuilder();
        for (float value : values) {
            Feature x = Feature.newBuilder()
                    .setFloatList(FloatList.newBuilder().addValue(value))
                    .build();
            rows.addExamples(
                    Example.newBuilder().setFeatures(Features.newBuilder().putFeature("x", x)));
        }
        return Input.newBuilder().setExampleList(rows).build();
    }

    private static MultiInferenceRequest multi(InferenceTask... tasks) {
        return MultiInferenceRequest.newBuilder()
                .setInput(rows(20))
                .addAllTasks(List.of(tasks))
                .build();
    }

    private static InferenceTask task(ModelSpec spec, String method) {
        return InferenceTask.newBuilder()
                .setModelSpec(spec)
                .setMethodName("tensorflow/serving/" + method)
                .build();
    }

    @TestFactory
    Stream<DynamicTest> examplesOverGrpc() {
        RegressionResponse regressed = RegressionResponse.getDefaultInstance();
        MultiInferenceResponse both = MultiInferenceResponse.getDefaultInstance();
        InferenceTask regress = task(spec("regress_x_to_y"), "regress");
        return Stream.of(
                rpc(
                        "Regress",
                        RegressionRequest.newBuilder()
                                .setModelSpec(spec("regress_x_to_y"))
                                .build(),
                        regressed,
                        INVALID,
                        "Input is empty."),
                rpc(
                        "Regress",
                        RegressionRequest.newBuilder()
                                .setModelSpec(spec("s"))
                                .setInput(rows(1))
                                .build(),
                        regressed,
                        INVALID,
                        "No signature was found with the name: s"),
                rpc(
                        "MultiInference",
                        multi(
                                regress,
                                task(
                                        ModelSpec.newBuilder()
                                                .setName("half_plus_two")
                                                .build(),
                                        "classify")),
                        both,
                        INVALID,
                        "All ModelSpecs in a MultiInferenceRequest must access the same model name."),
                rpc(
                        "MultiInference",
                        multi(regress, regress),
                        both,
                        INVALID,
                        "Duplicate evaluation of signature: regress_x_to_y"),
                rpc(
                        "MultiInference",
                        multi(regress, task(spec("classify_x_to_y"), "predict")),
                        both,
                        "UNIMPLEMENTED",
                        "Unsupported signature method_name: tensorflow/serving/predict"),
                rpc(
                        "MultiInference",
                        multi(task(spec("s"), "regress")),
                        both,
                        INVALID,
                        "Requested signature not found in model graph: s"));
    }

    @Test
    void classifyRegressAndMultiInferenceAnswerOverGrpc() {
        RegressionResponse regressed = client.call(
                GrpcCaller.PREDICTION,
                "Regress",
                RegressionRequest.newBuilder()
                        .setModelSpec(spec("regress_x_to_y"))
                        .setInput(rows(80, 0))
                        .build(),
                RegressionResponse.getDefaultInstance());
        assertThat(regressed.getResult().getRegressionsList())
                .extracting(regression -> regression.getValue())
                .containsExactly(42f, 2f);
        ClassificationResponse classified = client.call(
                GrpcCaller.PREDICTION,
                "Classify",
                ClassificationRequest.newBuilder()
                        .setModelSpec(spec("classify_x_to_y"))
                        .setInput(rows(20))
                        .build(),
                ClassificationResponse.getDefaultInstance());
        assertThat(classified.getResult().getClassifications(0).getClasses(0).getLabel())
                .isEmpty();
        assertThat(classified.getResult().getClassifications(0).getClasses(0).getScore())
                .isEqualTo(12f);
        MultiInferenceResponse both = client.call(
                GrpcCaller.PREDICTION,
                "MultiInference",
                multi(task(spec("regress_x_to_y"), "regress"), task(spec("classify_x_to_words"), "classify")),
                MultiInferenceResponse.getDefaultInstance());
        assertThat(both.getResults(0).getRegressionResult().getRegressions(0).getValue())
                .isEqualTo(12f);
        assertThat(both.getResults(1)
                        .getClassificationResult()
                        .getClassifications(0)
                        .getClasses(0)
                        .getLabel())
                .isEqualTo("high");
    }

    @Test
    void theSessionServiceIsNotServed() {
        client.refusesCall(
                GrpcCaller.SESSION,
                "SessionRun",
                SessionRunRequest.newBuilder()
                        .setModelSpec(ModelSpec.newBuilder().setName("half_plus_two"))
                        .build(),
                SessionRunResponse.getDefaultInstance(),
                "UNIMPLEMENTED",
                "");
    }
}
