package turnout.gateway.call;

import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;

/** Carries a {@link Refusal} through a future; without a stack trace unless something is defective. */
public final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Refusal refusal;

    public RefusedException(Refusal refusal) {
        super(refusal.message(), null, false, false);
        this.refusal = refusal;
    }

    private RefusedException(Refusal refusal, Throwable defect) {
        super(refusal.message(), defect);
        this.refusal = refusal;
    }

    /** The given failure as a refusal: itself, a backend's failure by its code, anything else as a defect. */
    public static RefusedException from(Throwable failure) {
        if (failure instanceof RefusedException refused) {
            return refused;
        }
        if (failure instanceof InferenceException inference) {
            Refusal refusal = inference.code() == ErrorCode.INVALID_INPUT
                    ? new Refusal.Malformed(inference.getMessage())
                    : new Refusal.Failed(inference.code(), inference.getMessage());
            return new RefusedException(refusal);
        }
        // The defect's own words may name internals; they go to the log, never to a client.
        return new RefusedException(new Refusal.Failed(ErrorCode.INTERNAL, "internal error"), failure);
    }

    /** Why. */
    public Refusal refusal() {
        return refusal;
    }
}
