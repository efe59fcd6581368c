package turnout.spi;

/** Why an inference, a load or a check failed, and whose fault it is. */
public enum ErrorCode {
    /** The caller's data does not fit the model. */
    INVALID_INPUT(Blame.CALLER),
    /** The backend cannot do this at all (a type, a feature). */
    UNSUPPORTED(Blame.CALLER),
    /** The model itself failed on well-formed input, or its files cannot be loaded. */
    MODEL_FAILED(Blame.BACKEND),
    /** The runtime could not get the memory it needed. */
    OUT_OF_MEMORY(Blame.CAPACITY),
    /** What the backend depends on (a remote server, a device) is not there now; trying again later may help. */
    UNAVAILABLE(Blame.BACKEND),
    /** The deadline passed while running. */
    DEADLINE(Blame.BACKEND),
    /** Everybody who waited for the run has left. */
    CANCELLED(Blame.NOBODY),
    /** A defect in the backend or the gateway. */
    INTERNAL(Blame.BACKEND);

    /** Who is at fault; metrics and rollouts count by this and never read messages. */
    public enum Blame {
        CALLER,
        CAPACITY,
        GATEWAY,
        BACKEND,
        NOBODY
    }

    private final Blame blame;

    ErrorCode(Blame blame) {
        this.blame = blame;
    }

    /** Who is at fault. */
    public Blame blame() {
        return blame;
    }
}
