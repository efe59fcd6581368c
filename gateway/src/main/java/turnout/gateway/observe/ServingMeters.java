package turnout.gateway.observe;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import turnout.gateway.call.CallRecord;
import turnout.gateway.call.Dialect;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RunListener;
import turnout.spi.ModelVersion;

/**
 * What TensorFlow Serving counts, under its names and in its units, so that dashboards made for it go on working.
 *
 * <p>Written by hand: Prometheus libraries refuse a counter whose name does not end in {@code _total}.
 */
public final class ServingMeters implements AnswerListener, RunListener {
    private static final String SERVING = ":tensorflow:serving:";
    private static final String BATCHING = SERVING + "batching_session:";
    private static final String SAVED_MODEL = ":tensorflow:cc:saved_model:";
    /** TensorFlow Serving's name for the threads that run batches, and for its way to run a graph. */
    private static final String THREADS = "model_server_batch_threads";

    private static final String RUNTIME = "TF1";
    private static final long LARGEST_BATCH = 1 << 13;

    private final Function<Refusal, String> status;
    private final Map<ModelVersion, String> paths = new ConcurrentHashMap<>();

    private final ServingFamily<LongAdder> requests = counters(SERVING + "request_count", "model_name", "status");
    private final ServingFamily<ServingHistogram> latency =
            histograms(SERVING + "request_latency", ServingHistogram.MICROS, "model_name", "API", "entrypoint");
    private final ServingFamily<ServingHistogram> runtime =
            histograms(SERVING + "runtime_latency", ServingHistogram.MICROS, "model_name", "API", "runtime");
    private final ServingFamily<ServingHistogram> examples =
            histograms(SERVING + "request_example_counts", ServingHistogram.EXAMPLES, "model");
    private final ServingFamily<LongAdder> exampleTotal = counters(SERVING + "request_example_count_total", "model");
    private final ServingFamily<ServingHistogram> queued =
            histograms(BATCHING + "queuing_latency", ServingHistogram.MICROS, "thread_pool_name");
    private final ServingFamily<LongAdder> runs = counters(BATCHING + "wrapped_run_count");
    private final ServingFamily<ServingHistogram> inputRows =
            histograms(BATCHING + "input_batch_size", ServingHistogram.ROWS);
    private final ServingFamily<ServingHistogram> batchRows =
            histograms(BATCHING + "processed_batch_size", ServingHistogram.ROWS);
    private final ServingFamily<ServingHistogram> padding =
            histograms(BATCHING + "padding_size", ServingHistogram.ROWS, "execution_batch_size");
    private final ServingFamily<ServingHistogram> warmups =
            histograms(SERVING + "model_warmup_latency", ServingHistogram.MICROS, "model_path", "status");
    private final ServingFamily<LongAdder> loads = counters(SAVED_MODEL + "load_attempt_count", "model_path", "status");
    private final ServingFamily<LongAdder> loadMicros = counters(SAVED_MODEL + "load_latency", "model_path");

    private final List<ServingFamily<?>> all = List.of(
            requests,
            latency,
            runtime,
            examples,
            exampleTotal,
            queued,
            runs,
            inputRows,
            batchRows,
            padding,
            warmups,
            loads,
            loadMicros);

    /** @param status what TensorFlow Serving calls the status of a refusal */
    public ServingMeters(Function<Refusal, String> status) {
        this.status = status;
    }

    /** All series as Prometheus text. */
    public String scrape() {
        StringBuilder text = new StringBuilder();
        all.forEach(family -> family.write(text));
        return text.toString();
    }

    @Override
    public void answered(Dialect dialect, CallRecord record, long nanos) {
        ModelVersion version = record.version();
        if (version == null) {
            return; // What a client calls a model is no label.
        }
        String model = version.model();
        Refusal refusal = record.refusal();
        requests.of(model, refusal == null ? "OK" : status.apply(refusal)).increment();
        boolean ran = record.run().batchId() > 0;
        if (ran) {
            queued.of(THREADS).record(micros(record.run().queueNanos()));
            inputRows.of().record(record.rows());
        }
        if (refusal == null) {
            String api = api(dialect, record.task());
            latency.of(model, api, entrypoint(dialect)).record(micros(nanos));
            examples.of(model).record(record.rows());
            exampleTotal.of(model).add(record.rows());
            if (ran) {
                runtime.of(model, api, RUNTIME).record(micros(record.run().computeNanos()));
            }
        }
    }

    @Override
    public void executed(ModelVersion version, Execution execution) {
        runs.of().increment();
        batchRows.of().record(execution.ranRows());
        padding.of(batchSize(execution.ranRows())).record(execution.ranRows() - execution.rows());
    }

    @Override
    public void left(ModelVersion version, Exit exit) {
        // TensorFlow Serving does not count how calls leave a queue.
    }

    /**
     * A version was loaded, or was not.
     *
     * @param path its directory
     */
    public void loaded(ModelVersion version, String path, long nanos, Outcome outcome) {
        paths.put(version, path);
        loads.of(path, outcome.loadStatus).increment();
        if (outcome == Outcome.SUCCEEDED) {
            loadMicros.of(path).add(micros(nanos));
        }
    }

    /**
     * A version was warmed, or failed at it.
     *
     * @param path its directory
     */
    public void warmed(ModelVersion version, String path, long nanos, Outcome outcome) {
        paths.put(version, path);
        warmups.of(path, outcome.warmupStatus).record(micros(nanos));
    }

    /** A version is gone: what was kept of its directory goes. */
    public void forget(ModelVersion version) {
        String path = paths.remove(version);
        if (path != null) {
            List.of(warmups, loads, loadMicros).forEach(family -> family.forget(path));
        }
    }

    /** How a load or a warm-up ended. */
    public enum Outcome {
        SUCCEEDED("success", "OK"),
        FAILED("fail", "INTERNAL");

        private final String loadStatus;
        private final String warmupStatus;

        Outcome(String loadStatus, String warmupStatus) {
            this.loadStatus = loadStatus;
            this.warmupStatus = warmupStatus;
        }
    }

    /** How large a batch was, to the next power of two: a client may send any number of rows, and each would be a series. */
    private static String batchSize(long rows) {
        return rows > LARGEST_BATCH ? "more" : Long.toString(rows <= 1 ? 1 : Long.highestOneBit(rows - 1) << 1);
    }

    /** The method's name as each of TensorFlow Serving's doors spells it. */
    private static String api(Dialect dialect, CallRecord.Task task) {
        return isRest(dialect) ? task.restName() : task.rpcName();
    }

    private static String entrypoint(Dialect dialect) {
        return isRest(dialect) ? "REST" : "GRPC";
    }

    private static boolean isRest(Dialect dialect) {
        return switch (dialect) {
            case TFS_REST, OIP_REST -> true;
            case TFS_GRPC, OIP_GRPC -> false;
        };
    }

    private static long micros(long nanos) {
        return TimeUnit.NANOSECONDS.toMicros(nanos);
    }

    private static ServingFamily<LongAdder> counters(String name, String... labels) {
        return new ServingFamily<>(
                name, "counter", List.of(labels), LongAdder::new, (count, series, pairs, text) -> text.append(series)
                        .append(pairs.isEmpty() ? "" : "{" + pairs + "}")
                        .append(' ')
                        .append(count.sum())
                        .append('\n'));
    }

    private static ServingFamily<ServingHistogram> histograms(
            String name, ServingHistogram.Bounds bounds, String... labels) {
        return new ServingFamily<>(
                name, "histogram", List.of(labels), () -> new ServingHistogram(bounds), ServingHistogram::write);
    }
}
