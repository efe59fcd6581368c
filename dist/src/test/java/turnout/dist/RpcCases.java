package turnout.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static turnout.dist.CaseClient.isRefused;

import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import turnout.protocol.tensorflow.DataType;
import turnout.protocol.tensorflow.TensorProto;
import turnout.protocol.tensorflow.TensorShapeProto;
import turnout.protocol.tfserving.ModelSpec;
import turnout.protocol.tfserving.PredictRequest;
import turnout.protocol.tfserving.PredictResponse;

/** Predict over gRPC, and labels at both doors. */
final class RpcCases {
    private RpcCases() {}

    static List<ContractCase> all() {
        return List.of(
                new ContractCase(29, "an unknown label", client -> {
                    String words = "Unrecognized servable version label: nowhere";
                    for (CaseModel model : CaseModel.PLAIN) {
                        String path = "/v1/models/" + model.name() + "/labels/nowhere:";
                        isRefused(client.post(path + "predict", "{'instances': [1]}"), 400, words);
                        isRefused(client.post(path + "classify", "{'examples': [{}]}"), 400, words);
                        refused(client, predict(model, spec -> spec.setVersionLabel("nowhere")), words);
                    }
                }),
                new ContractCase(68, "tensors and filters that do not fit the signature", client -> {
                    for (CaseModel model : CaseModel.PLAIN) {
                        mismatched(client, predict(model, UnaryOperator.identity()));
                    }
                    for (CaseModel model : CaseModel.PAIR) {
                        PredictRequest one = predict(model, UnaryOperator.identity())
                                .clearInputs()
                                .putInputs("a", floats(1, 2))
                                .build();
                        refused(
                                client,
                                one.toBuilder(),
                                "input size does not match signature: 1!=2 len({a}) != len({a,b})."
                                        + " Sent extra: {}. Missing but required: {b}.");
                    }
                }));
    }

    private static void mismatched(CaseClient client, PredictRequest.Builder good) {
        PredictRequest valid = good.build();
        PredictResponse answer =
                client.call(GrpcCaller.PREDICTION, "Predict", valid, PredictResponse.getDefaultInstance());
        assertThat(answer.getOutputsOrThrow("y").getFloatValList()).containsExactly(2.5f);
        assertThat(answer.getModelSpec().getSignatureName()).isEqualTo("serving_default");
        TensorProto integers = TensorProto.newBuilder()
                .setDtype(DataType.DT_INT32)
                .setTensorShape(shape(1))
                .addIntVal(1)
                .build();
        refused(client, valid.toBuilder().putInputs("x", integers), "INT32");
        refused(
                client,
                valid.toBuilder().clearInputs(),
                "input size does not match signature: 0!=1 len({}) != len({x})."
                        + " Sent extra: {}. Missing but required: {x}.");
        refused(
                client,
                valid.toBuilder().addOutputFilter("z"),
                "output tensor alias not found in signature: z Outputs expected to be in the set {y}.");
        refused(
                client,
                valid.toBuilder().addOutputFilter("y").addOutputFilter("y"),
                "duplicate output tensor alias: y");
    }

    /** A predict with the one input x. */
    static PredictRequest.Builder predict(CaseModel model, UnaryOperator<ModelSpec.Builder> spec) {
        return PredictRequest.newBuilder()
                .setModelSpec(spec.apply(ModelSpec.newBuilder().setName(model.name())))
                .putAllInputs(Map.of("x", floats(1)));
    }

    static TensorProto floats(float... values) {
        TensorProto.Builder tensor = TensorProto.newBuilder().setDtype(DataType.DT_FLOAT);
        for (float value : values) {
            tensor.addFloatVal(value);
        }
        return tensor.setTensorShape(values.length == 1 ? shape(1) : shape(1, values.length))
                .build();
    }

    private static TensorShapeProto shape(long... sizes) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (long size : sizes) {
            shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(size));
        }
        return shape.build();
    }

    private static void refused(CaseClient client, PredictRequest.Builder request, String words) {
        client.refusesCall(
                GrpcCaller.PREDICTION,
                "Predict",
                request.build(),
                PredictResponse.getDefaultInstance(),
                "INVALID_ARGUMENT",
                words);
    }
}
