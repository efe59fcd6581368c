package turnout.gateway.edge.tfserving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import turnout.gateway.call.Bound;
import turnout.gateway.lifecycle.RecordedCalls.RecordedCall;
import turnout.gateway.lifecycle.RecordedCalls.Recording;
import turnout.protocol.tensorflow.Example;
import turnout.protocol.tfserving.Input;
import turnout.protocol.tfserving.PredictionLog;
import turnout.spi.DataType;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.Signature;
import turnout.spi.TensorSpec;

class PredictionLogsTest {
    private static final String CLASSIFY = "tensorflow/serving/classify";
    private static final String REGRESS = "tensorflow/serving/regress";
    private static final Map<String, Signature> SIGNATURES = Map.of(
            Signature.DEFAULT,
            Signature.of(
                    Signature.DEFAULT,
                    List.of(TensorSpec.of("x", DataType.FP32, -1)),
                    List.of(TensorSpec.of("y", DataType.FP32, -1), TensorSpec.of("z", DataType.FP32, -1))),
            "c",
            examples("c", CLASSIFY),
            "r",
            examples("r", REGRESS));

    private static Signature examples(String name, String method) {
        TensorSpec in = TensorSpec.of("examples", DataType.BYTES, -1);
        TensorSpec out = TensorSpec.of("scores", DataType.FP32, -1);
        return new Signature(name, method, Map.of("examples", in), Map.of("scores", out), Set.of());
    }

    private static Input rows(int count) {
        Input.Builder input = Input.newBuilder();
        for (int i = 0; i < count; i++) {
            input.getExampleListBuilder().addExamples(Example.getDefaultInstance());
        }
        return input.build();
    }

    private static Recording read(PredictionLog.Builder log) {
        return new PredictionLogs().read(log.build().toByteArray());
    }

    private static Bound bind(RecordedCall call) {
        return call.bind("m", SIGNATURES, false);
    }

    private static void refused(String problem, PredictionLog.Builder log) {
        assertThatThrownBy(() -> read(log).calls().forEach(PredictionLogsTest::bind))
                .isInstanceOfSatisfying(
                        InferenceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_INPUT))
                .hasMessageContaining(problem);
    }

    private static PredictionLog.Builder predict(String output) {
        PredictionLog.Builder log = PredictionLog.newBuilder();
        var request = log.getPredictLogBuilder().getRequestBuilder().addOutputFilter(output);
        var tensor = turnout.protocol.tensorflow.TensorProto.newBuilder()
                .setDtype(turnout.protocol.tensorflow.DataType.DT_FLOAT)
                .setTensorContent(ByteString.copyFrom(new byte[8]));
        tensor.getTensorShapeBuilder().addDimBuilder().setSize(2);
        request.putInputs("x", tensor.build());
        return log;
    }

    private static PredictionLog.Builder multiInference(String... signatures) {
        PredictionLog.Builder log = PredictionLog.newBuilder();
        var request = log.getMultiInferenceLogBuilder().getRequestBuilder().setInput(rows(3));
        for (String signature : signatures) {
            var task = request.addTasksBuilder().setMethodName(signature.equals("r") ? REGRESS : CLASSIFY);
            task.getModelSpecBuilder().setName("whatever").setSignatureName(signature);
        }
        return log;
    }

    @Test
    void aPredictAsksForTheOutputsThatItNames() {
        Bound bound = bind(read(predict("z")).calls().get(0));
        assertThat(bound.signature().name()).isEqualTo(Signature.DEFAULT);
        assertThat(bound.inputs()).containsOnlyKeys("x");
        assertThat(bound.outputs()).containsExactly("z");
        refused("output tensor alias not found in signature: q", predict("q"));
    }

    @Test
    void classifyAndRegressHandRowsToTheirSignatures() {
        PredictionLog.Builder classify = PredictionLog.newBuilder();
        var classified = classify.getClassifyLogBuilder().getRequestBuilder().setInput(rows(2));
        classified.getModelSpecBuilder().setSignatureName("c");
        assertThat(bind(read(classify).calls().get(0)).rows()).isEqualTo(2);
        PredictionLog.Builder regress = PredictionLog.newBuilder();
        var regressed = regress.getRegressLogBuilder().getRequestBuilder().setInput(rows(4));
        regressed.getModelSpecBuilder().setSignatureName("r");
        assertThat(bind(read(regress).calls().get(0)).rows()).isEqualTo(4);
        regressed.getModelSpecBuilder().setSignatureName("c");
        refused(
                "Expected regression signature method_name to be tensorflow/serving/regress. Was: " + CLASSIFY,
                regress);
        regressed.getModelSpecBuilder().setSignatureName("none");
        refused("No signature was found with the name: none", regress);
        refused(
                "Input is empty.",
                regress.clone()
                        .setRegressLog(regress.getRegressLogBuilder().clone().clearRequest()));
    }

    @Test
    void aMultiInferenceIsOneCallForEachTask() {
        List<RecordedCall> calls = read(multiInference("c", "r")).calls();
        assertThat(calls).hasSize(2);
        assertThat(bind(calls.get(0)).signature().name()).isEqualTo("c");
        assertThat(bind(calls.get(1)).signature().name()).isEqualTo("r");
        refused("Duplicate evaluation of signature: c", multiInference("c", "c"));
        refused("MultiInferenceRequest has no tasks.", multiInference());
    }

    @Test
    void sessionRunsAndStreamsArePassedOver() {
        PredictionLog.Builder run = PredictionLog.newBuilder();
        run.getSessionRunLogBuilder().getRequestBuilder().addFetch("y:0");
        assertThat(read(run)).isEqualTo(Recording.ofUnsupported("session_run"));
        PredictionLog.Builder stream = PredictionLog.newBuilder();
        stream.getPredictStreamedLogBuilder().addRequestBuilder();
        assertThat(read(stream)).isEqualTo(Recording.ofUnsupported("predict_streamed"));
    }

    @Test
    void whatHoldsNoRequestIsRefused() {
        refused("it is no PredictionLog with a request", PredictionLog.newBuilder());
    }
}
