package turnout.backend.remote;

/**
 * How often a call may be sent once more: about one retry for ten calls, and a reserve for the moment when an endpoint with many calls under
 * way is lost. Keeps servers that are in trouble from getting every call twice.
 *
 * <p>Touched only on the backend's event loop.
 */
final class RetryBudget {
    // Holds all calls that one lane has under way, several times over.
    private static final double RESERVE = 256;
    private static final double PER_CALL = 0.1;

    private double tokens = RESERVE;

    /** A new call was made. */
    void onCall() {
        tokens = Math.min(RESERVE, tokens + PER_CALL);
    }

    /** Takes one retry, if there is one left. */
    boolean take() {
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }
}
