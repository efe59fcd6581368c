package turnout.gateway.lane;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.InferenceRequest;
import turnout.spi.InferenceResponse;
import turnout.spi.Signature;
import turnout.spi.Tensor;
import turnout.spi.Ticker;

/** One run of a session: joins, infers, splits. Everything it needs was taken out of the lane's state before. */
final class BatchRun {
    private static final Logger log = LoggerFactory.getLogger(BatchRun.class);

    private final LaneSpec spec;
    private final BatchAssembler assembler;
    private final Ticker ticker;
    private final Batch batch;
    private final List<Map<String, Tensor>> inputs = new ArrayList<>();
    private final List<Long> rows = new ArrayList<>();
    private final Signature signature;
    private final List<String> outputs;
    private final Map<String, Object> parameters;
    private final long padTo;

    BatchRun(LaneSpec spec, BatchAssembler assembler, Ticker ticker, Batch batch) {
        this.spec = spec;
        this.assembler = assembler;
        this.ticker = ticker;
        this.batch = batch;
        Pending first = batch.calls().get(0);
        signature = first.bound.signature();
        outputs = first.bound.outputs();
        parameters = first.parameters;
        padTo = first.isAlone() ? 0 : padded(spec.batching().allowedBatchRows(), batch.rows());
        for (Pending call : batch.calls()) {
            inputs.add(call.bound.inputs());
            rows.add(call.rows);
        }
    }

    /**
     * What a run gave.
     *
     * @param outputs per call, null when it failed
     * @param failure null when it did not fail
     */
    record Result(
            @Nullable List<Map<String, Tensor>> outputs,
            @Nullable InferenceException failure,
            long inputNanos,
            long inferNanos,
            long outputNanos) {}

    /** Runs on the calling thread (and on the backend's, where it is asynchronous); reports exactly once and never throws. */
    void run(Consumer<Result> report) {
        long start = ticker.nanos();
        BatchAssembler.Joined joined;
        try {
            // Backends that do not block take heap buffers: the caller's own, without a copy.
            joined = spec.isNonBlocking()
                    ? new BatchAssembler.Joined(inputs.get(0), List.of())
                    : assembler.join(inputs, padTo);
        } catch (RuntimeException e) {
            report.accept(failed(e, ticker.nanos() - start, 0));
            return;
        }
        long assembled = ticker.nanos();
        try {
            InferenceRequest request = new InferenceRequest(
                    signature, joined.inputs(), outputs, parameters, batch.deadline(), batch.cancellation());
            spec.servable().infer(request).whenComplete((response, failure) -> {
                long inferred = ticker.nanos();
                // The session is done with the inputs before the outputs are looked at.
                joined.release();
                report.accept(
                        failure != null
                                ? failed(failure, assembled - start, inferred - assembled)
                                : split(response, start, assembled, inferred));
            });
        } catch (RuntimeException e) {
            joined.release();
            report.accept(failed(e, assembled - start, ticker.nanos() - assembled));
        }
    }

    private Result split(InferenceResponse response, long start, long assembled, long inferred) {
        try (response) {
            List<Map<String, Tensor>> split = rows.size() == 1 && padTo <= batch.rows()
                    ? List.of(assembler.copy(response.outputs()))
                    : assembler.split(response.outputs(), rows, Math.max(padTo, batch.rows()));
            return new Result(split, null, assembled - start, inferred - assembled, ticker.nanos() - inferred);
        } catch (RuntimeException e) {
            return failed(e, assembled - start, inferred - assembled);
        }
    }

    private Result failed(Throwable failure, long inputNanos, long inferNanos) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof InferenceException known) {
            return new Result(null, known, inputNanos, inferNanos, 0);
        }
        log.error("{} failed in an unforeseen way", spec.version(), cause);
        return new Result(
                null, new InferenceException(ErrorCode.INTERNAL, "internal error", cause), inputNanos, inferNanos, 0);
    }

    private static long padded(List<Integer> allowed, long rows) {
        for (int size : allowed) {
            if (size >= rows) {
                return size;
            }
        }
        return rows;
    }
}
