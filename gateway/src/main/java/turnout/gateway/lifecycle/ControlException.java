package turnout.gateway.lifecycle;

/** Why a change was refused; the message may be shown to the caller. */
public final class ControlException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    /** What kind of mistake it was. */
    public enum Reason {
        /** No such model. */
        NOT_FOUND,
        /** The request makes no sense. */
        INVALID,
        /** It makes sense, but not in the present state. */
        PRECONDITION,
        /** It was tried and failed. */
        FAILED
    }

    public ControlException(Reason reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    /** What kind of mistake it was. */
    public Reason reason() {
        return reason;
    }
}
