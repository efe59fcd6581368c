package turnout.gateway.lane;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import turnout.gateway.call.Refusal;

/**
 * Calls that wait for a run, in buckets of calls that may be joined.
 *
 * <p>Owned by a {@link BackendVerticle}: every method runs on its context, so there are no locks. The oldest call decides whose turn it
 * is; others of its bucket ride with it, so an odd shape neither waits for company nor breaks up the batches of others.
 */
final class BatchQueue {
    private static final int STALE = 64;

    private final BatchingConfig config;
    private final Map<String, Bucket> buckets = new HashMap<>();
    private final ArrayDeque<Pending> alone = new ArrayDeque<>();

    // All waiting calls by age; calls that left are skipped when they come to the head.
    private final ArrayDeque<Pending> byAge = new ArrayDeque<>();
    private int waitingCalls;
    // Written here only, read by whoever scrapes the metrics.
    private final AtomicLong waitingRows = new AtomicLong();
    private final AtomicLong waitingBytes = new AtomicLong();

    BatchQueue(BatchingConfig config) {
        this.config = config;
    }

    /** Rows that wait. */
    long waitingRows() {
        return waitingRows.getAcquire();
    }

    /** Bytes of inputs that wait. */
    long waitingBytes() {
        return waitingBytes.getAcquire();
    }

    boolean isEmpty() {
        return waitingCalls == 0;
    }

    /** Which limit the call would break; empty when it may enter: within both, or alone in an empty queue, however large. */
    Optional<Refusal.QueueFull.Unit> full(Pending call) {
        if (waitingCalls == 0) {
            return Optional.empty();
        }
        if (waitingRows() + Math.max(1, call.rows) > config.maxQueuedRows()) {
            return Optional.of(Refusal.QueueFull.Unit.ROWS);
        }
        return waitingBytes() + call.bytes > config.maxQueuedBytes()
                ? Optional.of(Refusal.QueueFull.Unit.BYTES)
                : Optional.empty();
    }

    void add(Pending call) {
        // A call that waits long for company must not keep the memory of all that overtook it.
        if (byAge.size() > STALE && byAge.size() > 4 * waitingCalls) {
            byAge.removeIf(old -> !old.isWaiting());
        }
        byAge.addLast(call);
        entered(call);
        if (call.isAlone()) {
            alone.addLast(call);
        } else {
            buckets.computeIfAbsent(call.bucket.text(), key -> new Bucket()).add(call);
        }
    }

    /** Puts a call back that failed with others, ahead of all, to run by itself. */
    void addFirst(Pending call) {
        byAge.addFirst(call);
        entered(call);
        alone.addFirst(call);
    }

    /** A waiting call leaves: refused, expired or abandoned. It must still be waiting. */
    void remove(Pending call) {
        if (call.isAlone()) {
            alone.remove(call);
        } else {
            Bucket bucket = buckets.get(call.bucket.text());
            if (bucket != null) {
                bucket.remove(call);
                dropIfEmpty(call, bucket);
            }
        }
        left(call);
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
        if (config.maxDelay().isZero() || !alone.isEmpty() || fullBucket(limit) != null) {
            return OptionalLong.of(nowNanos);
        }
        return OptionalLong.of(oldest.arrivedNanos + config.maxDelay().toNanos());
    }

    /** Takes the next batch out, empty when nothing is ready. */
    List<Pending> take(long limit, long nowNanos) {
        Pending oldest = oldest();
        if (oldest == null) {
            return List.of();
        }
        if (oldest.isAlone()) {
            return takeAlone(oldest);
        }
        boolean due = nowNanos - oldest.arrivedNanos >= config.maxDelay().toNanos();
        Bucket bucket = due ? buckets.get(oldest.bucket.text()) : fullBucket(limit);
        if (bucket != null) {
            return takeFrom(bucket, limit);
        }
        // Whoever has no company to wait for does not wait behind one who has.
        return alone.isEmpty() ? List.of() : takeAlone(alone.getFirst());
    }

    private List<Pending> takeAlone(Pending call) {
        alone.remove(call);
        left(call);
        return List.of(call);
    }

    private List<Pending> takeFrom(Bucket bucket, long limit) {
        List<Pending> batch = new ArrayList<>();
        long rows = 0;
        Pending head = bucket.calls.getFirst();
        while (!bucket.calls.isEmpty() && (batch.isEmpty() || rows + bucket.calls.getFirst().rows <= limit)) {
            Pending call = bucket.calls.getFirst();
            rows += call.rows;
            bucket.remove(call);
            left(call);
            batch.add(call);
        }
        dropIfEmpty(head, bucket);
        return batch;
    }

    private void entered(Pending call) {
        waitingCalls++;
        count(Math.max(1, call.rows), call.bytes);
    }

    private void left(Pending call) {
        waitingCalls--;
        count(-Math.max(1, call.rows), -call.bytes);
        if (waitingCalls == 0) {
            // An idle lane must not hold on to the inputs of its last calls.
            byAge.clear();
        }
    }

    private void count(long rows, long bytes) {
        waitingRows.setRelease(waitingRows.getPlain() + rows);
        waitingBytes.setRelease(waitingBytes.getPlain() + bytes);
    }

    private void dropIfEmpty(Pending call, Bucket bucket) {
        // Buckets come and go with the shapes in use: a client that sends a new shape each time must not fill memory.
        if (bucket.calls.isEmpty()) {
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

    private @Nullable Bucket fullBucket(long limit) {
        for (Bucket bucket : buckets.values()) {
            if (bucket.rows >= limit) {
                return bucket;
            }
        }
        return null;
    }

    /** Waiting calls that may be joined, by age. */
    private static final class Bucket {
        private final ArrayDeque<Pending> calls = new ArrayDeque<>();
        private long rows;

        void add(Pending call) {
            calls.addLast(call);
            rows += call.rows;
        }

        void remove(Pending call) {
            if (calls.remove(call)) {
                rows -= call.rows;
            }
        }
    }
}
