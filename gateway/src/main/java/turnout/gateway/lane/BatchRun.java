package turnout.gateway.lane;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
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
    private final Consumer<Result> report;
    private final AtomicBoolean returned = new AtomicBoolean();
    private final AtomicBoolean told = new AtomicBoolean();

    /**
     * @param report told exactly once how the run ended, on the thread that ended it
     */
    BatchRun(LaneSpec spec, BatchAssembler assembler, Ticker ticker, Batch batch, Consumer<Result> report) {
        this.spec = spec;
        this.assembler = assembler;
        this.ticker = ticker;
        this.batch = batch;
        this.report = report;
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
     * @param ranRows rows that ran, padding included
     */
    record Result(
            @Nullable List<Map<String, Tensor>> outputs,
            @Nullable InferenceException failure,
            long ranRows,
            long inputNanos,
            long inferNanos,
            long outputNanos) {}

    /** Runs on the calling thread (and on the backend's, where it is asynchronous); never throws. */
    void run() {
        long start = ticker.nanos();
        BatchAssembler.Joined joined;
        try {
            joined = join();
        } catch (RuntimeException | Error e) {
            tell(failure(e, ticker.nanos() - start, 0));
            return;
        }
        long assembled = ticker.nanos();
        try {
            InferenceRequest request = new InferenceRequest(
                    signature, joined.inputs(), outputs, parameters, batch.deadline(), batch.cancellation());
            spec.servable()
                    .infer(request)
                    .whenComplete((response, failure) -> inferred(joined, response, failure, start, assembled));
        } catch (RuntimeException | Error e) {
            // Plugins are others' code: whatever they throw, the calls must be answered and the turn must end.
            inferred(joined, null, e, start, assembled);
        }
    }

    /** It could not be started. */
    void failed(Throwable why) {
        tell(failure(why, 0, 0));
    }

    private BatchAssembler.Joined join() {
        // Backends that do not block take heap buffers: the caller's own, without a copy.
        return spec.isNonBlocking() && inputs.size() == 1 && padTo <= batch.rows()
                ? new BatchAssembler.Joined(inputs.get(0), List.of())
                : assembler.join(inputs, padTo);
    }

    private void inferred(
            BatchAssembler.Joined joined,
            @Nullable InferenceResponse response,
            @Nullable Throwable failure,
            long start,
            long assembled) {
        if (!returned.compareAndSet(false, true)) {
            return;
        }
        long now = ticker.nanos();
        // The session is done with the inputs before the outputs are looked at.
        joined.release();
        tell(
                failure != null
                        ? failure(failure, assembled - start, now - assembled)
                        : split(response, start, assembled, now));
    }

    private Result split(@Nullable InferenceResponse response, long start, long assembled, long inferred) {
        try (response) {
            Map<String, Tensor> given = wanted(response);
            List<Map<String, Tensor>> split = rows.size() == 1 && padTo <= batch.rows()
                    ? List.of(assembler.copy(given))
                    : assembler.split(given, rows, ranRows());
            return new Result(
                    split, null, ranRows(), assembled - start, inferred - assembled, ticker.nanos() - inferred);
        } catch (RuntimeException | Error e) {
            return failure(e, assembled - start, inferred - assembled);
        }
    }

    private long ranRows() {
        return Math.max(padTo, batch.rows());
    }

    private Map<String, Tensor> wanted(@Nullable InferenceResponse response) {
        if (response == null) {
            throw new IllegalStateException("the backend gave no response");
        }
        Map<String, Tensor> wanted = new LinkedHashMap<>();
        for (String output : outputs) {
            Tensor tensor = response.outputs().get(output);
            if (tensor == null) {
                throw new IllegalStateException("the backend gave no output " + output);
            }
            wanted.put(output, tensor);
        }
        return wanted;
    }

    private Result failure(Throwable failure, long inputNanos, long inferNanos) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof InferenceException expected) {
            return new Result(null, expected, ranRows(), inputNanos, inferNanos, 0);
        }
        log.error("{} failed in an unforeseen way", spec.version(), cause);
        InferenceException known = cause instanceof OutOfMemoryError
                ? new InferenceException(ErrorCode.OUT_OF_MEMORY, "not enough memory for the run", cause)
                : new InferenceException(ErrorCode.INTERNAL, "internal error", cause);
        return new Result(null, known, ranRows(), inputNanos, inferNanos, 0);
    }

    private void tell(Result result) {
        if (told.compareAndSet(false, true)) {
            report.accept(result);
        }
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
