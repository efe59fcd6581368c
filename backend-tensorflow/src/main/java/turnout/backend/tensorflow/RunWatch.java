package turnout.backend.tensorflow;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import turnout.spi.Ticker;

/**
 * One thread that ends runs whose deadline has passed or whose callers have left.
 *
 * <p>It looks at the runs under way every few milliseconds instead of setting a timer for each: a run costs two operations on a map, and
 * no thread is woken. A cancel wakes it at once.
 */
final class RunWatch implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(RunWatch.class.getName());
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(4);
    // Long enough that steady traffic never has to wake the thread, short enough that an idle gateway sleeps.
    private static final int IDLE_LOOKS = 250;

    private final Ticker ticker;
    private final Set<ActiveRun> runs = ConcurrentHashMap.newKeySet();
    private final Thread thread;
    private volatile boolean asleep;
    private volatile boolean closed;

    RunWatch(Ticker ticker) {
        this.ticker = ticker;
        this.thread = new Thread(this::watch, "turnout-tensorflow-watch");
        thread.setDaemon(true);
        thread.start();
    }

    /** Watches a run from now on. */
    void add(ActiveRun run) {
        runs.add(run);
        if (asleep) {
            wake();
        }
    }

    /** Forgets a run. */
    void remove(ActiveRun run) {
        runs.remove(run);
    }

    /** Looks at all runs at once. */
    void wake() {
        LockSupport.unpark(thread);
    }

    private void watch() {
        int idleLooks = 0;
        while (!closed) {
            for (ActiveRun run : runs) {
                look(run);
            }
            idleLooks = runs.isEmpty() ? idleLooks + 1 : 0;
            if (idleLooks < IDLE_LOOKS) {
                LockSupport.parkNanos(this, LOOK_NANOS);
            } else {
                sleep();
                idleLooks = 0;
            }
        }
    }

    private void sleep() {
        asleep = true;
        // Looked at again after the flag is up: a run added before it was seen would otherwise go unwatched.
        if (runs.isEmpty() && !closed) {
            LockSupport.park(this);
        }
        asleep = false;
    }

    private void look(ActiveRun run) {
        try {
            run.endIfUnwanted(ticker);
        } catch (RuntimeException e) {
            // The run goes on to its natural end; the others still have their watch.
            LOG.log(System.Logger.Level.WARNING, "a run could not be ended early", e);
        }
    }

    @Override
    public void close() {
        closed = true;
        wake();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
