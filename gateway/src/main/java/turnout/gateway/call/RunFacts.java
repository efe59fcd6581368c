package turnout.gateway.call;

/**
 * What is known of the run behind an answer.
 *
 * @param queueNanos time the call waited in the lane's queue
 * @param computeNanos time the run took
 * @param batchId which run of the lane it was, from 1
 * @param batchRows rows that ran together
 */
public record RunFacts(long queueNanos, long computeNanos, long batchId, long batchRows) {
    /** Of a call that never ran. */
    public static final RunFacts NONE = new RunFacts(0, 0, 0, 0);
}
