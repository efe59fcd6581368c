package turnout.gateway.lane;

import io.vertx.core.Promise;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import turnout.gateway.call.Answer;
import turnout.gateway.call.Bound;
import turnout.spi.Cancellation;
import turnout.spi.Deadline;

/** One call in a lane, from its arrival to its answer. Touched on the lane's context only. */
final class Pending {
    final Bound bound;
    final Map<String, Object> parameters;
    final Deadline deadline;
    final Promise<Answer> promise;
    final long rows;
    final long bytes;
    final long arrivedNanos;
    final BucketKey bucket;

    private State state = State.WAITING;
    private boolean alone;
    private long startedNanos;
    private @Nullable Batch batch;
    private Cancellation.@Nullable Registration registration;
    private long timer = -1;

    enum State {
        WAITING,
        RUNNING,
        DONE
    }

    Pending(
            Bound bound,
            Map<String, Object> parameters,
            Deadline deadline,
            Promise<Answer> promise,
            long arrivedNanos,
            BucketKey bucket) {
        this.bound = bound;
        this.parameters = parameters;
        this.deadline = deadline;
        this.promise = promise;
        this.rows = bound.rows();
        this.bytes = bound.bytes();
        this.arrivedNanos = arrivedNanos;
        this.bucket = bucket;
    }

    boolean isWaiting() {
        return state == State.WAITING;
    }

    boolean isRunning() {
        return state == State.RUNNING;
    }

    /** Whether it must run by itself: its shapes or its signature forbid joining, or it failed together with others. */
    boolean isAlone() {
        return alone || bucket.isAlone();
    }

    @Nullable
    Batch batch() {
        return batch;
    }

    long queueNanos() {
        return startedNanos - arrivedNanos;
    }

    /** A timer watches its deadline. */
    void timed(long timerId) {
        timer = timerId;
    }

    /** Its caller is watched, who may have left while the watch was set up. */
    void watched(Cancellation.Registration cancel) {
        if (state == State.DONE) {
            cancel.close();
        } else {
            registration = cancel;
        }
    }

    /** The timer that watches its deadline, -1 before there is one. */
    long timer() {
        return timer;
    }

    void started(Batch with, long nowNanos) {
        state = State.RUNNING;
        batch = with;
        startedNanos = nowNanos;
    }

    /** Back to the queue, to run by itself: its batch failed and it may not have been to blame. */
    void isolated() {
        state = State.WAITING;
        alone = true;
        batch = null;
    }

    void done() {
        state = State.DONE;
        batch = null;
        if (registration != null) {
            registration.close();
            registration = null;
        }
    }
}
