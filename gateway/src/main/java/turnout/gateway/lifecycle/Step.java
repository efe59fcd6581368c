package turnout.gateway.lifecycle;

import java.util.EnumSet;
import java.util.Set;

/** Where a version is in its life, finer than {@link State}. A version that ended never comes back: a new life begins. */
enum Step {
    /** Wanted, nothing done yet. */
    START,
    /** Its backend is sought and its memory is asked for. */
    REQUESTED,
    /** Its memory is reserved. */
    APPROVED,
    /** Its files are being loaded. */
    LOADING,
    /** It runs its first requests. */
    WARMING,
    /** It takes calls. */
    READY,
    /** It takes no new calls. */
    DRAINING,
    /** Its last call has ended. */
    DRAINED,
    /** Its memory is being freed. */
    UNLOADING,
    /** Gone, or failed. */
    END;

    /** The steps that may follow. */
    Set<Step> next() {
        return switch (this) {
            case START -> EnumSet.of(REQUESTED, END);
            case REQUESTED -> EnumSet.of(APPROVED, END);
            case APPROVED -> EnumSet.of(LOADING, END);
            case LOADING -> EnumSet.of(WARMING, END);
            // A version that nobody wants any more once it is warm goes without ever having taken a call.
            case WARMING -> EnumSet.of(READY, UNLOADING, END);
            case READY -> EnumSet.of(DRAINING);
            case DRAINING -> EnumSet.of(DRAINED);
            case DRAINED -> EnumSet.of(UNLOADING);
            case UNLOADING -> EnumSet.of(END);
            case END -> EnumSet.noneOf(Step.class);
        };
    }

    /** The step as others see it. */
    State state() {
        return switch (this) {
            case START -> State.START;
            case REQUESTED, APPROVED, LOADING, WARMING -> State.LOADING;
            case READY -> State.AVAILABLE;
            case DRAINING, DRAINED, UNLOADING -> State.UNLOADING;
            case END -> State.END;
        };
    }
}
