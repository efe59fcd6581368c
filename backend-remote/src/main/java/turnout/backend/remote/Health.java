package turnout.backend.remote;

import java.time.Duration;

/**
 * What is known of one endpoint from its calls.
 *
 * <p>Well => (well | ejected), after {@value #FAILURES_BEFORE_EJECTION} failures in a row or a proof that it is gone; ejected => (well |
 * ejected for longer), when the back-off has passed and the endpoint was probed. The back-off doubles with every ejection and starts over
 * once a call has gone well: a probe alone does not prove that calls work.
 *
 * <p>Touched only on the backend's event loop.
 */
final class Health {
    static final int FAILURES_BEFORE_EJECTION = 3;
    private static final Duration FIRST_BACK_OFF = Duration.ofMillis(250);
    private static final int MAX_DOUBLINGS = 6;

    private int failuresInARow;
    private int ejections;
    private boolean ejected;

    boolean isEjected() {
        return ejected;
    }

    void onSuccess() {
        failuresInARow = 0;
        if (!ejected) {
            ejections = 0;
        }
    }

    /** Counts a failure of connection or server; true when it is one too many and {@link #eject()} is due. */
    boolean onFailure() {
        failuresInARow++;
        return !ejected && failuresInARow >= FAILURES_BEFORE_EJECTION;
    }

    /** Takes the endpoint out, or keeps it out after a probe that failed; says how long until the next probe. */
    Duration eject() {
        ejected = true;
        Duration backOff = FIRST_BACK_OFF.multipliedBy(1L << Math.min(ejections, MAX_DOUBLINGS));
        ejections++;
        return backOff;
    }

    /** A probe went well. */
    void takeBack() {
        ejected = false;
        failuresInARow = 0;
    }
}
