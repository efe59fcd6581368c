package turnout.backend.onnx;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import turnout.spi.Ticker;

/**
 * Ends runs at their deadlines, from one thread.
 *
 * <p>Not a scheduled executor: with few runs at a time that wakes its thread for nearly every run, which costs more than a small model takes.
 * Here a run whose deadline is later than the moment the thread sleeps to only joins a set.
 */
final class DeadlineWatch implements AutoCloseable {
    private static final long LONGEST_SLEEP_NANOS = TimeUnit.HOURS.toNanos(1);

    private final Ticker ticker;
    private final Set<StopSwitch> runs = ConcurrentHashMap.newKeySet();
    private final Thread thread;

    // The moment the thread sleeps to. While it looks through the runs this is far off, so that whoever joins meanwhile
    // wakes it again.
    private volatile long wakeAt;
    private volatile boolean closed;

    DeadlineWatch(Ticker ticker) {
        this.ticker = ticker;
        this.wakeAt = ticker.nanos() + LONGEST_SLEEP_NANOS;
        this.thread = new Thread(this::watch, "onnx-deadlines");
        thread.setDaemon(true);
        thread.start();
    }

    Ticker ticker() {
        return ticker;
    }

    void add(StopSwitch run) {
        runs.add(run);
        if (run.deadline().nanos() - wakeAt < 0) {
            LockSupport.unpark(thread);
        }
    }

    void remove(StopSwitch run) {
        runs.remove(run);
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }

    private void watch() {
        while (!closed) {
            wakeAt = ticker.nanos() + LONGEST_SLEEP_NANOS;
            long earliest = wakeAt;
            for (StopSwitch run : runs) {
                if (run.deadline().isPast(ticker)) {
                    run.expire();
                } else if (run.deadline().nanos() - earliest < 0) {
                    earliest = run.deadline().nanos();
                }
            }
            wakeAt = earliest;
            LockSupport.parkNanos(this, Math.max(1, earliest - ticker.nanos()));
        }
    }
}
