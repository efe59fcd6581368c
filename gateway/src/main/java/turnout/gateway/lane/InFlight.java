package turnout.gateway.lane;

import java.util.function.Consumer;
import turnout.gateway.device.Turn;
import turnout.gateway.device.Turnstile;

/** Turns of a backend that does not block: a plain bound on calls in flight. Asked on the lane's context; turns end anywhere. */
final class InFlight implements Turnstile {
    private final Object lock = new Object();
    private final Consumer<Turn> granted;

    // Guarded by lock.
    private int free;
    private boolean wanted;
    private boolean gone;
    private boolean dispatching;

    InFlight(int most, Consumer<Turn> granted) {
        this.free = most;
        this.granted = granted;
    }

    @Override
    public void want() {
        synchronized (lock) {
            wanted = true;
        }
        dispatch();
    }

    @Override
    public void leave() {
        synchronized (lock) {
            gone = true;
        }
    }

    /**
     * Grants in a loop and never from within a grant: a run that ends at once asks for the next turn, and a long queue of such runs would
     * otherwise stand on one stack.
     */
    private void dispatch() {
        synchronized (lock) {
            if (dispatching) {
                return;
            }
            dispatching = true;
        }
        boolean threw = true;
        try {
            while (take()) {
                granted.accept(new HeldTurn());
            }
            threw = false;
        } finally {
            if (threw) {
                synchronized (lock) {
                    dispatching = false;
                }
            }
        }
    }

    private boolean take() {
        synchronized (lock) {
            if (!wanted || free == 0 || gone) {
                dispatching = false;
                return false;
            }
            wanted = false;
            free--;
            return true;
        }
    }

    private final class HeldTurn implements Turn {
        // Guarded by lock.
        private boolean ended;

        @Override
        public void run(Runnable work) {
            // The backend returns at once: the lane's own event loop is the right thread.
            work.run();
        }

        @Override
        public void end() {
            synchronized (lock) {
                if (ended) {
                    throw new IllegalStateException("the turn has ended before");
                }
                ended = true;
                free++;
            }
            dispatch();
        }
    }
}
