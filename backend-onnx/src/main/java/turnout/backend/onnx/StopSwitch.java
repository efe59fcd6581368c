package turnout.backend.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.RunOptions;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import turnout.spi.Cancellation;
import turnout.spi.Deadline;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.InferenceRequest;

/**
 * Ends one run early, when nobody waits for it any more or its deadline has passed, and knows which it was. The runtime looks at it between
 * two nodes of the graph.
 */
final class StopSwitch implements AutoCloseable {
    private final RunOptions options;
    private final Deadline deadline;
    private final DeadlineWatch watch;
    private final Cancellation.Registration registration;

    // Guarded by this: the native options must not be touched once they are freed.
    private @Nullable ErrorCode reason;
    private boolean closed;

    /** Armed at once; costs nothing native when the run need not even begin. */
    StopSwitch(InferenceRequest request, DeadlineWatch watch) {
        this.deadline = request.deadline();
        this.watch = watch;
        if (deadline.isPast(watch.ticker())) {
            throw failure(ErrorCode.DEADLINE);
        }
        if (request.cancellation().isCancelled()) {
            throw failure(ErrorCode.CANCELLED);
        }
        try {
            options = new RunOptions();
        } catch (OrtException e) {
            throw OrtFailures.whileRunning(e);
        }
        watch.add(this);
        registration = request.cancellation().onCancel(() -> stop(ErrorCode.CANCELLED));
    }

    /** What the run is to be given. */
    RunOptions options() {
        return options;
    }

    /** When {@link #expire()} is due. */
    Deadline deadline() {
        return deadline;
    }

    /** Ends the run because its deadline has passed. */
    void expire() {
        stop(ErrorCode.DEADLINE);
    }

    /** The failure that says why the run was told to end, empty if it was not. */
    synchronized Optional<InferenceException> pulled() {
        return Optional.ofNullable(reason).map(StopSwitch::failure);
    }

    /** Disarms it; only after the run has returned. */
    @Override
    public void close() {
        watch.remove(this);
        registration.close();
        synchronized (this) {
            closed = true;
            options.close();
        }
    }

    private synchronized void stop(ErrorCode why) {
        if (closed || reason != null) {
            return;
        }
        reason = why;
        try {
            options.setTerminate(true);
        } catch (OrtException e) {
            throw new IllegalStateException("the run cannot be told to end", e);
        }
    }

    private static InferenceException failure(ErrorCode why) {
        return new InferenceException(
                why,
                why == ErrorCode.DEADLINE
                        ? "the deadline passed while the model was running"
                        : "the run was cancelled: nobody waits for it any more");
    }
}
