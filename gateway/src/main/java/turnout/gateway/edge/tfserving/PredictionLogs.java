package turnout.gateway.edge.tfserving;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import turnout.gateway.bind.BindStage;
import turnout.gateway.call.Bound;
import turnout.gateway.call.Inputs;
import turnout.gateway.call.RefusedException;
import turnout.gateway.call.VersionSelector;
import turnout.gateway.lifecycle.RecordedCalls;
import turnout.protocol.tfserving.ClassificationRequest;
import turnout.protocol.tfserving.InferenceTask;
import turnout.protocol.tfserving.ModelSpec;
import turnout.protocol.tfserving.MultiInferenceRequest;
import turnout.protocol.tfserving.PredictRequest;
import turnout.protocol.tfserving.PredictionLog;
import turnout.protocol.tfserving.RegressionRequest;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.Signature;

/**
 * Reads the records of TensorFlow Serving's warm-up files. Whatever model and version a request names, it is for the one that it lies
 * beside.
 */
public final class PredictionLogs implements RecordedCalls {
    @Override
    public Recording read(byte[] record) {
        try {
            return recording(Messages.parse(PredictionLog.parser(), ByteBuffer.wrap(record)));
        } catch (RefusedException | Unanswered e) {
            throw invalid(e);
        }
    }

    private static Recording recording(PredictionLog log) {
        return switch (log.getLogTypeCase()) {
            case PREDICT_LOG -> Recording.of(List.of(predict(log.getPredictLog().getRequest())));
            case CLASSIFY_LOG -> {
                ClassificationRequest request = log.getClassifyLog().getRequest();
                yield Recording.of(List.of(
                        examine(request.getModelSpec(), ExampleMessages.rows(request.getInput()), Method.CLASSIFY)));
            }
            case REGRESS_LOG -> {
                RegressionRequest request = log.getRegressLog().getRequest();
                yield Recording.of(List.of(
                        examine(request.getModelSpec(), ExampleMessages.rows(request.getInput()), Method.REGRESS)));
            }
            case MULTI_INFERENCE_LOG ->
                Recording.of(tasks(log.getMultiInferenceLog().getRequest()));
            case SESSION_RUN_LOG -> Recording.ofUnsupported("session_run");
            case PREDICT_STREAMED_LOG -> Recording.ofUnsupported("predict_streamed");
            case LOGTYPE_NOT_SET ->
                throw new InferenceException(
                        ErrorCode.INVALID_INPUT,
                        "it is no PredictionLog with a request: none of predict_log, classify_log, regress_log,"
                                + " multi_inference_log is set");
        };
    }

    private static RecordedCall predict(PredictRequest request) {
        return new Asked(
                ModelSpecs.signature(request.getModelSpec()),
                request.getOutputFilterList(),
                new ProtoInputs(request.getInputsMap()),
                Method.PREDICT);
    }

    private static RecordedCall examine(ModelSpec spec, List<ByteString> rows, Method method) {
        return new Asked(ModelSpecs.signature(spec), List.of(), new ExampleInputs(rows, method), method);
    }

    private static List<RecordedCall> tasks(MultiInferenceRequest request) {
        List<ByteString> rows = ExampleMessages.rows(request.getInput());
        List<RecordedCall> calls = new ArrayList<>();
        for (InferenceTask task : MultiInference.checkedTasks(request)) {
            calls.add(examine(task.getModelSpec(), rows, MultiInference.method(task)));
        }
        return calls;
    }

    private static InferenceException invalid(RuntimeException e) {
        return new InferenceException(ErrorCode.INVALID_INPUT, String.valueOf(e.getMessage()));
    }

    /** @param signature null for the default one */
    private record Asked(@Nullable String signature, List<String> outputs, Inputs inputs, Method method)
            implements RecordedCall {
        @Override
        public Bound bind(String model, Map<String, Signature> signatures, boolean mayBeLoose) {
            try {
                return BindStage.bind(
                        model, BindStage.signature(model, signatures, signature), outputs, inputs, mayBeLoose);
            } catch (RefusedException e) {
                Failure failure = Failures.of(e.refusal(), new Target(model, VersionSelector.ANY), method);
                throw new InferenceException(ErrorCode.INVALID_INPUT, failure.text());
            }
        }
    }
}
