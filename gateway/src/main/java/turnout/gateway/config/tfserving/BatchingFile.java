package turnout.gateway.config.tfserving;

import com.google.protobuf.Int64Value;
import com.google.protobuf.TextFormatParseInfoTree;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.OptionalInt;
import turnout.gateway.config.ConfigException;
import turnout.gateway.lane.BatchingConfig;
import turnout.protocol.tfserving.BatchingParameters;

/**
 * How calls are joined, as TensorFlow Serving says it.
 *
 * @param batching for every model that says nothing else
 * @param threads runs at a time, empty to leave it
 */
record BatchingFile(BatchingConfig batching, OptionalInt threads) {
    private static final int MOST_ROWS = 1 << 20;
    private static final int MOST_THREADS = 1024;

    /** What Turnout does where nothing is said: it never waits for others, and joins only what is proved to be sound. */
    static BatchingFile ofTurnout() {
        return new BatchingFile(BatchingConfig.DEFAULT, OptionalInt.empty());
    }

    /** What TensorFlow Serving takes where batching is on and no file is given. */
    static BatchingFile absent() {
        return of(new TextProto<>(
                "",
                BatchingParameters.getDefaultInstance(),
                TextFormatParseInfoTree.builder().build()));
    }

    /** @throws ConfigException naming file, line, column and field */
    static BatchingFile read(Path file) {
        return of(TextProto.read(file, BatchingParameters.getDefaultInstance()));
    }

    private static BatchingFile of(TextProto<BatchingParameters> text) {
        BatchingParameters said = text.message();
        if (said.getPadVariableLengthInputs()) {
            throw text.wrong(
                    "pad_variable_length_inputs",
                    "is not supported: padding by the first element changes what models answer; calls of different"
                            + " shapes are joined among themselves, so leave it out");
        }
        int size = number(text, "max_batch_size", said.hasMaxBatchSize(), said.getMaxBatchSize(), 1000, 1, MOST_ROWS);
        boolean splits = said.getEnableLargeBatchSplitting().getValue();
        int runs = number(
                text,
                "max_execution_batch_size",
                said.hasMaxExecutionBatchSize(),
                said.getMaxExecutionBatchSize(),
                size,
                1,
                MOST_ROWS);
        if (runs > size) {
            throw text.wrong("max_execution_batch_size", "must not exceed max_batch_size (" + size + "), was " + runs);
        }
        int rows = splits ? runs : size;
        int micros = number(
                text,
                "batch_timeout_micros",
                said.hasBatchTimeoutMicros(),
                said.getBatchTimeoutMicros(),
                0,
                0,
                Integer.MAX_VALUE);
        int batches = number(
                text,
                "max_enqueued_batches",
                said.hasMaxEnqueuedBatches(),
                said.getMaxEnqueuedBatches(),
                10,
                0,
                Integer.MAX_VALUE);
        // 0 stands for 1 there.
        long queued = Math.min(Integer.MAX_VALUE, (long) size * Math.max(1, batches));
        BatchingConfig batching = new BatchingConfig(
                rows,
                Duration.of(micros, ChronoUnit.MICROS),
                (int) queued,
                BatchingConfig.DEFAULT_QUEUED_BYTES,
                allowed(text, rows, splits ? "max_execution_batch_size" : "max_batch_size"),
                splits ? rows : 0,
                Duration.ZERO,
                BatchingConfig.Join.AUTO);
        int threads = number(
                text,
                "num_batch_threads",
                said.hasNumBatchThreads(),
                said.getNumBatchThreads(),
                0,
                said.hasNumBatchThreads() ? 1 : 0,
                MOST_THREADS);
        return new BatchingFile(batching, threads == 0 ? OptionalInt.empty() : OptionalInt.of(threads));
    }

    private static List<Integer> allowed(TextProto<BatchingParameters> text, int rows, String limit) {
        String field = "allowed_batch_sizes";
        List<Long> sizes = text.message().getAllowedBatchSizesList();
        if (sizes.isEmpty()) {
            return List.of();
        }
        for (int i = 0; i < sizes.size(); i++) {
            if (sizes.get(i) <= (i == 0 ? 0 : sizes.get(i - 1))) {
                throw text.wrong(
                        text.places(),
                        BatchingParameters.getDescriptor(),
                        field,
                        i,
                        "allowed_batch_sizes entries must be in increasing order and above 0, were " + sizes);
            }
        }
        long last = sizes.get(sizes.size() - 1);
        if (last != rows) {
            throw text.wrong(
                    text.places(),
                    BatchingParameters.getDescriptor(),
                    field,
                    sizes.size() - 1,
                    "Last entry in allowed_batch_sizes must match " + limit + "; last entry was " + last + "; expected "
                            + rows);
        }
        return sizes.stream().map(Long::intValue).toList();
    }

    private static int number(
            TextProto<BatchingParameters> text,
            String field,
            boolean isSaid,
            Int64Value said,
            int absent,
            int least,
            int most) {
        long number = isSaid ? said.getValue() : absent;
        if (number < least || number > most) {
            throw text.wrong(field, "must be between " + least + " and " + most + ", was " + number);
        }
        return (int) number;
    }
}
