package turnout.gateway.lane;

/**
 * How many rows a batch may have now. Without a latency objective always the configured most; with one, it grows by one row while calls
 * stay under the objective and shrinks by a tenth when one does not (additive increase, multiplicative decrease; Crankshaw et al.,
 * Clipper, NSDI 2017, section 4.3.1).
 */
final class BatchLimit {
    private static final double DECREASE = 0.9;

    private final BatchingConfig config;
    private double rows;

    BatchLimit(BatchingConfig config) {
        this.config = config;
        this.rows = config.latencyObjective().isZero() ? config.maxBatchRows() : 1;
    }

    long rows() {
        return (long) rows;
    }

    /** A full batch's slowest call took so long from arrival to answer. */
    void observed(long batchRows, long slowestNanos) {
        if (config.latencyObjective().isZero()) {
            return;
        }
        if (slowestNanos > config.latencyObjective().toNanos()) {
            rows = Math.max(1, rows * DECREASE);
        } else if (batchRows >= rows()) {
            rows = Math.min(config.maxBatchRows(), rows + 1);
        }
    }
}
