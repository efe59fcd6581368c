package turnout.gateway.call;

import turnout.spi.ModelVersion;

/** Hears what lanes do, to count it. Called on the lanes' contexts; must be quick and safe for any thread. */
public interface RunListener {
    /** A session ran. */
    void executed(ModelVersion version, Execution execution);

    /** A call left a lane's queue. */
    void left(ModelVersion version, Exit exit);

    /**
     * One run of a session.
     *
     * @param rows rows of calls that ran together
     * @param ranRows rows that ran, padding included
     * @param calls calls that they belong to
     * @param inputNanos time to assemble the inputs
     * @param inferNanos time in the session
     * @param outputNanos time to copy the outputs
     * @param succeeded whether it gave an answer
     */
    record Execution(
            long rows,
            long ranRows,
            int calls,
            long inputNanos,
            long inferNanos,
            long outputNanos,
            boolean succeeded) {}

    /** How a call left a queue. */
    enum Exit {
        BATCHED,
        EXPIRED,
        CANCELLED,
        REFUSED,
        FAILED
    }
}
