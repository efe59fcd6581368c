package turnout.gateway.lane;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Calls that wait for a run, in buckets of calls that may be joined.
 *
 * <p>Owned by a {@link BackendVerticle}: every method runs on its context, so there are no locks. The oldest call decides whose turn it
 * is; others of its bucket ride with it, so an odd shape neither waits for company nor breaks up the batches of others.
 */
final class BatchQueue {
    private final BatchingConfig config;
    private final Map<String, ArrayDeque<Pending>> buckets = new HashMap<>();

    // All waiting calls by age; calls that left are skipped when they come to the head.
    private final ArrayDeque<Pending> byAge = new ArrayDeque<>();
    private long waitingRows;
    private int waitingCalls;

    BatchQueue(BatchingConfig config) {
        this.config = config;
    }

    /** Rows that wait. */
    long waitingRows() {
        return waitingRows;
    }

    boolean isEmpty() {
        return waitingCalls == 0;
    }

    /** Whether the call may enter: within the limit, or alone in an empty queue, however large. */
    boolean hasRoomFor(long rows) {
        return waitingCalls == 0 || waitingRows + Math.max(1, rows) <= config.maxQueuedRows();
    }

    void add(Pending call) {
        byAge.addLast(call);
        enter(call, false);
    }

    /** Puts a call back that failed with others, ahead of all, to run by itself. */
    void addFirst(Pending call) {
        byAge.addFirst(call);
        enter(call, true);
    }

    private void enter(Pending call, boolean first) {
        waitingCalls++;
        waitingRows += Math.max(1, call.rows);
        if (!call.isAlone()) {
            ArrayDeque<Pending> bucket = buckets.computeIfAbsent(call.bucket.text(), key -> new ArrayDeque<>());
            if (first) {
                bucket.addFirst(call);
            } else {
                bucket.addLast(call);
            }
        }
    }

    /** A waiting call leaves: refused, expired or abandoned. It must still be waiting. */
    void remove(Pending call) {
        left(call);
        if (!call.isAlone()) {
            ArrayDeque<Pending> bucket = buckets.get(call.bucket.text());
            if (bucket != null) {
                bucket.remove(call);
                dropIfEmpty(call, bucket);
            }
        }
        // Most calls that leave early are old; the rest is swept when it would outgrow what waits.
        if (byAge.size() > 64 && byAge.size() > 4 * waitingCalls) {
            byAge.removeIf(old -> old == call || !old.isWaiting());
        }
    }

    /**
     * When the next batch may leave, on the ticker's scale; empty when nothing waits. With no delay configured that is now: a free turn
     * never waits for company.
     */
    OptionalLong readyAt(long limit, long nowNanos) {
        Pending oldest = oldest();
        if (oldest == null) {
            return OptionalLong.empty();
        }
        if (config.maxDelay().isZero() || oldest.isAlone()) {
            return OptionalLong.of(nowNanos);
        }
        return fullBucket(limit) != null
                ? OptionalLong.of(nowNanos)
                : OptionalLong.of(oldest.arrivedNanos + config.maxDelay().toNanos());
    }

    /** Takes the next batch out, empty when nothing is ready. */
    List<Pending> take(long limit, long nowNanos) {
        Pending oldest = oldest();
        if (oldest == null) {
            return List.of();
        }
        if (oldest.isAlone()) {
            byAge.removeFirst();
            left(oldest);
            return List.of(oldest);
        }
        boolean due = nowNanos - oldest.arrivedNanos >= config.maxDelay().toNanos();
        ArrayDeque<Pending> bucket = due ? buckets.get(oldest.bucket.text()) : fullBucket(limit);
        return bucket == null ? List.of() : takeFrom(bucket, limit);
    }

    private List<Pending> takeFrom(ArrayDeque<Pending> bucket, long limit) {
        List<Pending> batch = new ArrayList<>();
        long rows = 0;
        Pending head = bucket.getFirst();
        while (!bucket.isEmpty() && (batch.isEmpty() || rows + bucket.getFirst().rows <= limit)) {
            Pending call = bucket.removeFirst();
            rows += call.rows;
            left(call);
            batch.add(call);
        }
        dropIfEmpty(head, bucket);
        return batch;
    }

    private void left(Pending call) {
        waitingCalls--;
        waitingRows -= Math.max(1, call.rows);
    }

    private void dropIfEmpty(Pending call, ArrayDeque<Pending> bucket) {
        // Buckets come and go with the shapes in use: a client that sends a new shape each time must not fill memory.
        if (bucket.isEmpty()) {
            buckets.remove(call.bucket.text());
        }
    }

    private @Nullable Pending oldest() {
        for (Iterator<Pending> calls = byAge.iterator(); calls.hasNext(); ) {
            Pending call = calls.next();
            if (call.isWaiting()) {
                return call;
            }
            calls.remove();
        }
        return null;
    }

    private @Nullable ArrayDeque<Pending> fullBucket(long limit) {
        for (ArrayDeque<Pending> bucket : buckets.values()) {
            long rows = 0;
            for (Pending call : bucket) {
                rows += call.rows;
                if (rows >= limit) {
                    return bucket;
                }
            }
        }
        return null;
    }
}
