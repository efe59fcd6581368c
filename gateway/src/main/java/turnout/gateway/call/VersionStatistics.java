package turnout.gateway.call;

import java.util.SortedMap;
import turnout.spi.ModelVersion;

/**
 * Counters of one version since it was loaded first, with the meanings of the Open Inference Protocol's statistics extension.
 *
 * @param version whose
 * @param lastInferenceMillis when the last call was answered, since the epoch, 0 for never
 * @param inferences rows that were run, cache hits left out
 * @param executions runs, cache hits left out
 * @param success calls answered, hits included, with their whole time
 * @param failure calls refused or failed after routing
 * @param queue time of calls in the queue
 * @param input time to assemble inputs, per call
 * @param infer time to run, per call
 * @param output time to hand out outputs, per call
 * @param cacheHit calls answered from the cache
 * @param cacheMiss calls not found there
 * @param batches by rows of a run
 */
public record VersionStatistics(
        ModelVersion version,
        long lastInferenceMillis,
        long inferences,
        long executions,
        Times success,
        Times failure,
        Times queue,
        Times input,
        Times infer,
        Times output,
        Times cacheHit,
        Times cacheMiss,
        SortedMap<Long, Batches> batches) {
    /** How often, and nanoseconds in all. */
    public record Times(long count, long nanos) {}

    /** Runs of one size. */
    public record Batches(Times input, Times infer, Times output) {}
}
