package turnout.gateway.lane;

import java.util.List;
import turnout.gateway.call.CancelSource;
import turnout.spi.Deadline;

/** Calls that run together. Touched on the lane's context only, but for {@link #cancellation()}. */
final class Batch {
    private final long id;
    private final List<Pending> calls;
    private final long rows;
    private final Deadline deadline;
    private final CancelSource cancellation = new CancelSource();
    private int live;

    /**
     * @param calls at least one, all of one bucket
     */
    Batch(long id, List<Pending> calls) {
        this.id = id;
        this.calls = List.copyOf(calls);
        this.live = calls.size();
        long sum = 0;
        Deadline latest = calls.get(0).deadline;
        for (Pending call : calls) {
            sum += call.rows;
            latest = latest.max(call.deadline);
        }
        this.rows = sum;
        this.deadline = latest;
    }

    long id() {
        return id;
    }

    List<Pending> calls() {
        return calls;
    }

    long rows() {
        return rows;
    }

    /** The latest of its callers'. */
    Deadline deadline() {
        return deadline;
    }

    CancelSource cancellation() {
        return cancellation;
    }

    /** One caller has left; when it was the last, the run has no purpose any more. */
    void callerLeft() {
        live--;
        if (live == 0) {
            cancellation.cancel();
        }
    }
}
