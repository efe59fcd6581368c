package turnout.gateway.device;

import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import turnout.spi.Ticker;

/**
 * The workers of one device and who may use them next.
 *
 * <p>There are as many turns as workers. A free turn goes to the waiting lane that has had the least device time (start-time fair
 * queueing, all weights equal). So that a few long runs of one model cannot hold up the others, a lane that holds no turn and has waited
 * for {@link #PATIENCE_MILLIS} gets a <em>spare</em> one; a lane has at most one spare, and the spares are bounded.
 */
public final class DevicePool implements AutoCloseable {
    private static final long PATIENCE_MILLIS = 5;

    private final Vertx vertx;
    private final Ticker ticker;
    private final ThreadPoolExecutor workers;
    private final Object lock = new Object();

    // Guarded by lock; nothing blocks or calls out while it is held.
    private final Set<Place> waiting = new LinkedHashSet<>();
    private int freeTurns;
    private int freeSpares;
    private long virtualTime;
    private boolean patienceTimerRuns;

    /**
     * @param name for thread names
     * @param turns runs at a time
     * @param spares further runs, only for lanes that would wait behind long ones
     */
    public DevicePool(Vertx vertx, Ticker ticker, String name, int turns, int spares) {
        this.vertx = vertx;
        this.ticker = ticker;
        this.freeTurns = turns;
        this.freeSpares = spares;
        AtomicInteger serial = new AtomicInteger();
        // The queue never holds more than a moment's work: there are as many threads as turns.
        workers = new ThreadPoolExecutor(
                turns + spares, turns + spares, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "turnout-" + name + "-" + serial.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        workers.allowCoreThreadTimeOut(true);
    }

    /**
     * Gives a lane its place.
     *
     * @param mostTurns turns it may hold at a time
     * @param granted takes a turn; called on any thread, also from within {@link Turnstile#want()}, and must not block
     */
    public Turnstile enroll(int mostTurns, Consumer<Turn> granted) {
        return new Place(mostTurns, granted);
    }

    @Override
    public void close() {
        workers.shutdown();
    }

    /** Grants what can be granted; the callbacks run after the lock is released. */
    private void dispatch() {
        List<Grant> grants = new ArrayList<>(1);
        synchronized (lock) {
            while (freeTurns > 0) {
                Place next = leastServed();
                if (next == null) {
                    break;
                }
                freeTurns--;
                grants.add(next.take(false));
            }
            armPatience();
        }
        grants.forEach(Grant::deliver);
    }

    private void patienceOver() {
        List<Grant> grants = new ArrayList<>(1);
        synchronized (lock) {
            patienceTimerRuns = false;
            long now = ticker.nanos();
            for (Place place : List.copyOf(waiting)) {
                if (freeSpares > 0
                        && place.held == 0
                        && now - place.waitingSince >= TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS)) {
                    freeSpares--;
                    grants.add(place.take(true));
                }
            }
            armPatience();
        }
        grants.forEach(Grant::deliver);
    }

    private void armPatience() {
        if (patienceTimerRuns || freeSpares == 0) {
            return;
        }
        for (Place place : waiting) {
            if (place.held == 0) {
                patienceTimerRuns = true;
                vertx.setTimer(PATIENCE_MILLIS, id -> patienceOver());
                return;
            }
        }
    }

    private @Nullable Place leastServed() {
        Place least = null;
        for (Place place : waiting) {
            if (least == null || place.served - least.served < 0) {
                least = place;
            }
        }
        return least;
    }

    private record Grant(Place place, Turn turn) {
        void deliver() {
            place.granted.accept(turn);
        }
    }

    private final class Place implements Turnstile {
        private final int mostTurns;
        private final Consumer<Turn> granted;

        // Guarded by lock.
        private int held;
        private long served;
        private long waitingSince;
        private boolean wantsMore;
        private boolean gone;

        Place(int mostTurns, Consumer<Turn> granted) {
            this.mostTurns = mostTurns;
            this.granted = granted;
        }

        @Override
        public void want() {
            synchronized (lock) {
                if (gone) {
                    return;
                }
                if (held >= mostTurns) {
                    // Kept for the end of its turn: a lane that could ask only afterwards would always find another one
                    // served first.
                    wantsMore = true;
                    return;
                }
                if (!queue()) {
                    return;
                }
            }
            dispatch();
        }

        private boolean queue() {
            if (!waiting.add(this)) {
                return false;
            }
            waitingSince = ticker.nanos();
            // Idleness earns no credit: who comes back starts level with the others.
            served = Math.max(served, virtualTime);
            return true;
        }

        @Override
        public void leave() {
            synchronized (lock) {
                gone = true;
                waiting.remove(this);
            }
        }

        void rejoin() {
            if (wantsMore && !gone) {
                wantsMore = false;
                boolean ignored = queue(); // it holds a turn, so it was not waiting
            }
        }

        Grant take(boolean spare) {
            waiting.remove(this);
            held++;
            virtualTime = Math.max(virtualTime, served);
            return new Grant(this, new HeldTurn(this, spare));
        }
    }

    private final class HeldTurn implements Turn {
        private final Place place;
        private final boolean spare;
        private final long start = ticker.nanos();

        // Guarded by lock.
        private boolean ended;

        HeldTurn(Place place, boolean spare) {
            this.place = place;
            this.spare = spare;
        }

        @Override
        public void run(Runnable work) {
            workers.execute(work);
        }

        @Override
        public void end() {
            synchronized (lock) {
                if (ended) {
                    throw new IllegalStateException("the turn has ended before");
                }
                ended = true;
                place.held--;
                place.served += ticker.nanos() - start;
                place.rejoin();
                if (spare) {
                    freeSpares++;
                } else {
                    freeTurns++;
                }
            }
            dispatch();
        }
    }
}
