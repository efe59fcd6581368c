package turnout.gateway.lane;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * How a model's calls are joined.
 *
 * @param maxBatchRows most rows that joining makes; a larger call runs alone
 * @param maxDelay how long the oldest call may wait for others although a turn is free
 * @param maxQueuedRows rows that may wait before calls are refused
 * @param maxQueuedBytes bytes of inputs that may wait before calls are refused
 * @param allowedBatchRows batch sizes that the device likes, ascending; smaller batches are padded up; empty for any size
 * @param splitRows calls with more rows are run in pieces of so many; 0 for never
 * @param latencyObjective the batch size is adapted so that runs and waits stay under it; zero for off
 * @param join whether calls are joined: after proof, never, or without proof
 */
public record BatchingConfig(
        int maxBatchRows,
        Duration maxDelay,
        int maxQueuedRows,
        long maxQueuedBytes,
        List<Integer> allowedBatchRows,
        int splitRows,
        Duration latencyObjective,
        Join join) {
    /** Whether calls are joined. */
    public enum Join {
        /** Where warm-up proved that rows do not depend on their neighbours. */
        AUTO,
        /** Wherever the shapes allow it: the operator vouches for it. */
        ALWAYS,
        /** Never. */
        NEVER
    }

    public BatchingConfig {
        allowedBatchRows = List.copyOf(allowedBatchRows);
        require(maxBatchRows >= 1, "batching.max-batch-rows must be at least 1, was %d", maxBatchRows);
        require(!maxDelay.isNegative(), "batching.max-delay must not be negative, was %s", maxDelay);
        require(
                maxQueuedRows >= maxBatchRows,
                "batching.max-queued-rows (%d) must hold one batch (%d)",
                maxQueuedRows,
                maxBatchRows);
        require(maxQueuedBytes >= 1, "batching.max-queued-bytes must be at least 1, was %d", maxQueuedBytes);
        require(splitRows >= 0, "batching.split-rows must not be negative, was %d", splitRows);
        require(
                !latencyObjective.isNegative(),
                "batching.latency-objective must not be negative, was %s",
                latencyObjective);
        for (int i = 1; i < allowedBatchRows.size(); i++) {
            require(
                    allowedBatchRows.get(i) > allowedBatchRows.get(i - 1),
                    "batching.allowed-batch-rows must ascend, was %s",
                    allowedBatchRows);
        }
        require(
                allowedBatchRows.isEmpty() || allowedBatchRows.get(0) >= 1,
                "batching.allowed-batch-rows must be at least 1, was %s",
                allowedBatchRows);
        require(
                allowedBatchRows.isEmpty() || allowedBatchRows.get(allowedBatchRows.size() - 1) == maxBatchRows,
                "the last of batching.allowed-batch-rows %s must equal batching.max-batch-rows (%d)",
                allowedBatchRows,
                maxBatchRows);
    }

    /** A quarter of what may be in flight by default: one slow model leaves room for the others. */
    public static final long DEFAULT_QUEUED_BYTES = 256L << 20;

    /** What a model gets that says nothing. */
    public static final BatchingConfig DEFAULT =
            new BatchingConfig(32, Duration.ZERO, 4096, DEFAULT_QUEUED_BYTES, List.of(), 0, Duration.ZERO, Join.AUTO);

    private static void require(boolean holds, String message, Object... facts) {
        if (!holds) {
            throw new IllegalArgumentException(String.format(Locale.ROOT, message, facts));
        }
    }
}
