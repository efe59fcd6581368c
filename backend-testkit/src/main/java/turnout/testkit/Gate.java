package turnout.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import turnout.spi.Cancellation;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.InferenceRequest;
import turnout.spi.Ticker;

/**
 * Holds runs until the test lets them go: the way to have a run that is certainly under way. A held run ends early when its cancellation
 * fires or its deadline passes. Safe for any thread.
 */
public final class Gate {
    // How often a held run looks at its deadline: the ticker may be a fake one, which wakes nobody.
    private static final long LOOK_MILLIS = 2;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Ticker ticker;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private int arrived;
    private long passes;
    private boolean open;

    /**
     * A closed gate.
     *
     * @param ticker the clock that the runs' deadlines are on
     */
    public Gate(Ticker ticker) {
        this.ticker = ticker;
    }

    /** Lets every run go, now and later. */
    public void open() {
        lock.lock();
        try {
            open = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Lets that many runs go. */
    public void pass(int runs) {
        lock.lock();
        try {
            passes += runs;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until that many runs have come to the gate since it was made; fails after 20 s. */
    public void awaitArrivals(int runs) throws InterruptedException {
        lock.lock();
        try {
            long left = PATIENCE.toNanos();
            while (arrived < runs && left > 0) {
                left = changed.awaitNanos(left);
            }
            assertThat(arrived).as("runs that came to the gate").isGreaterThanOrEqualTo(runs);
        } finally {
            lock.unlock();
        }
    }

    /** How many runs have come to the gate since it was made. */
    public int arrived() {
        lock.lock();
        try {
            return arrived;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Called by a run; blocks until it may go.
     *
     * @throws InferenceException {@link ErrorCode#CANCELLED} or {@link ErrorCode#DEADLINE} when it is not worth going on
     */
    void enter(InferenceRequest request) {
        Cancellation.Registration registration = request.cancellation().onCancel(this::wake);
        try {
            lock.lock();
            try {
                arrived++;
                changed.signalAll();
                holdUp(request);
            } finally {
                lock.unlock();
            }
        } finally {
            registration.close();
        }
    }

    private void holdUp(InferenceRequest request) {
        while (!open && passes == 0) {
            if (request.cancellation().isCancelled()) {
                throw new InferenceException(ErrorCode.CANCELLED, "nobody waits any more");
            }
            if (request.deadline().isPast(ticker)) {
                throw new InferenceException(ErrorCode.DEADLINE, "the deadline passed while running");
            }
            try {
                boolean ignored = changed.await(LOOK_MILLIS, TimeUnit.MILLISECONDS); // woken or not: look again
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InferenceException(ErrorCode.INTERNAL, "interrupted at the gate", e);
            }
        }
        if (!open) {
            passes--;
        }
    }

    private void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
