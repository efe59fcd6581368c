package turnout.backend.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import turnout.spi.BackendContext;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.InferenceRequest;
import turnout.spi.InferenceResponse;
import turnout.spi.Servable;
import turnout.spi.Signature;
import turnout.spi.TensorSpec;

/** A session that answers. Runs on the caller's thread; any number at once. */
final class OnnxServable implements Servable {
    // The runtime's words when an output does not fit the buffer that it was given; it has no code of its own for it.
    private static final List<String> WRONG_SHAPE = List.of("shape verification failed", "pre-allocated");

    private final OrtSession session;
    private final SessionTensors declared;
    private final OutputShapes shapes;
    private final OrtTensors tensors;
    private final BackendContext context;
    private final DeadlineWatch deadlines;

    // Cleared for good by the first output that has not the shape it declares.
    private volatile boolean pinning = true;

    OnnxServable(
            OrtSession session,
            SessionTensors declared,
            OrtTensors tensors,
            BackendContext context,
            DeadlineWatch deadlines) {
        this.session = session;
        this.declared = declared;
        this.shapes = new OutputShapes(declared);
        this.tensors = tensors;
        this.context = context;
        this.deadlines = deadlines;
    }

    @Override
    public Map<String, Signature> signatures() {
        return Map.of(declared.signature().name(), declared.signature());
    }

    /** Whether outputs are still written into our own buffers. */
    boolean pinsOutputs() {
        return pinning;
    }

    @Override
    public CompletionStage<InferenceResponse> infer(InferenceRequest request) {
        try (StopSwitch stop = new StopSwitch(request, deadlines)) {
            return CompletableFuture.completedFuture(run(request, stop));
        } catch (InferenceException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private InferenceResponse run(InferenceRequest request, StopSwitch stop) {
        try {
            return attempt(request, stop, pinning);
        } catch (OrtException e) {
            if (pinning && tellsOfWrongShape(e)) {
                pinning = false;
                return runUnpinned(request, stop);
            }
            throw failure(request, stop, e);
        }
    }

    private InferenceResponse runUnpinned(InferenceRequest request, StopSwitch stop) {
        try {
            return attempt(request, stop, false);
        } catch (OrtException e) {
            throw failure(request, stop, e);
        }
    }

    private InferenceResponse attempt(InferenceRequest request, StopSwitch stop, boolean pin) throws OrtException {
        try {
            return runOnce(request, stop, pin, OrtStrings.Form.EXACT);
        } catch (OrtStrings.UnreadableException exact) {
            try {
                // Most likely the model hands an input through.
                return runOnce(request, stop, pin, OrtStrings.Form.MODIFIED);
            } catch (OrtStrings.UnreadableException modified) {
                throw new InferenceException(
                        ErrorCode.MODEL_FAILED,
                        "an output holds a string with NUL, with characters beyond 16 bits or not UTF-8, which cannot be carried");
            }
        }
    }

    private InferenceResponse runOnce(InferenceRequest request, StopSwitch stop, boolean pin, OrtStrings.Form form)
            throws OrtException, OrtStrings.UnreadableException {
        try (OnnxRun run = new OnnxRun(request, tensors, context.buffers())) {
            run.lendInputs(form);
            if (pin) {
                pinOutputs(request, run);
            }
            return run.on(session, stop);
        }
    }

    private void pinOutputs(InferenceRequest request, OnnxRun run) throws OrtException {
        Map<String, Long> namedSizes = shapes.namedSizes(request.inputs());
        for (String name : request.outputs()) {
            TensorSpec output = declared.signature().outputs().get(name);
            Optional<long[]> shape =
                    output == null ? Optional.empty() : shapes.predict(output, request.inputs(), namedSizes);
            if (output != null && shape.isPresent()) {
                run.pin(output, shape.get());
            }
        }
    }

    private static boolean tellsOfWrongShape(OrtException failure) {
        String message = String.valueOf(failure.getMessage());
        return WRONG_SHAPE.stream().anyMatch(message::contains);
    }

    private InferenceException failure(InferenceRequest request, StopSwitch stop, OrtException cause) {
        return stop.pulled()
                .orElseGet(() -> shapes.disagree(request.inputs())
                        ? new InferenceException(
                                ErrorCode.INVALID_INPUT,
                                "the inputs' shapes do not fit each other: " + OrtFailures.message(cause),
                                cause)
                        : OrtFailures.whileRunning(cause));
    }
}
