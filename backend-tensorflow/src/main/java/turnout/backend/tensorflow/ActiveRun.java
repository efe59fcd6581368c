package turnout.backend.tensorflow;

import java.util.Optional;
import turnout.spi.Cancellation;
import turnout.spi.Deadline;
import turnout.spi.ErrorCode;
import turnout.spi.Ticker;

/** A run that is under way, as {@link RunWatch} sees it. It is ended early at most once, and never after {@link #over()}. */
final class ActiveRun {
    private final Tripwire tripwire;
    private final Tripwire.Slot slot;
    private final Deadline deadline;
    private final Cancellation cancellation;

    private boolean over;
    private Optional<ErrorCode> ended = Optional.empty();

    ActiveRun(Tripwire tripwire, Tripwire.Slot slot, Deadline deadline, Cancellation cancellation) {
        this.tripwire = tripwire;
        this.slot = slot;
        this.deadline = deadline;
        this.cancellation = cancellation;
    }

    /** Ends the run if nobody waits for it any more. */
    synchronized void endIfUnwanted(Ticker ticker) {
        if (over || ended.isPresent()) {
            return;
        }
        if (cancellation.isCancelled()) {
            end(ErrorCode.CANCELLED);
        } else if (deadline.isPast(ticker)) {
            end(ErrorCode.DEADLINE);
        }
    }

    /** Says that TensorFlow has returned; gives why it was told to end early, if it was. */
    synchronized Optional<ErrorCode> over() {
        over = true;
        return ended;
    }

    private void end(ErrorCode why) {
        ended = Optional.of(why);
        tripwire.pull(slot);
    }
}
