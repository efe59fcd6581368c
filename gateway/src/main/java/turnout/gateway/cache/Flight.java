package turnout.gateway.cache;

import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import turnout.gateway.call.Answer;
import turnout.gateway.call.CancelSource;

/**
 * One run that several identical calls wait for. It belongs to none of them: whoever started it may leave. Safe for any thread.
 */
final class Flight {
    private final CancelSource cancellation = new CancelSource();
    private final Object lock = new Object();

    // Guarded by lock.
    private final List<Promise<Answer>> waiters = new ArrayList<>();
    private boolean landed;
    private boolean begun;

    /** Fires when the last waiter has left. */
    CancelSource cancellation() {
        return cancellation;
    }

    /** Its run has begun. */
    void begin() {
        synchronized (lock) {
            begun = true;
        }
    }

    /** Whether its run has begun: before that it waits in a queue. */
    boolean hasBegun() {
        synchronized (lock) {
            return begun;
        }
    }

    /** Joins; false when it has landed or was given up already. */
    boolean join(Promise<Answer> waiter) {
        synchronized (lock) {
            if (landed) {
                return false;
            }
            waiters.add(waiter);
            return true;
        }
    }

    /** A waiter leaves before the answer came; true if it was the last, and the run has been cancelled. */
    boolean leave(Promise<Answer> waiter) {
        synchronized (lock) {
            if (landed || !waiters.remove(waiter) || !waiters.isEmpty()) {
                return false;
            }
            landed = true;
        }
        cancellation.cancel();
        return true;
    }

    /** Hands the outcome to all who still wait. */
    void land(@Nullable Answer answer, @Nullable Throwable failure) {
        List<Promise<Answer>> waiting;
        synchronized (lock) {
            landed = true;
            waiting = List.copyOf(waiters);
            waiters.clear();
        }
        for (Promise<Answer> waiter : waiting) {
            if (answer != null) {
                waiter.tryComplete(answer);
            } else if (failure != null) {
                waiter.tryFail(failure);
            }
        }
    }
}
