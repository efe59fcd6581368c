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

    private void dispatch() {
        synchronized (lock) {
            if (!wanted || free == 0 || gone) {
                return;
            }
            wanted = false;
            free--;
        }
        granted.accept(new Turn() {
            @Override
            public void run(Runnable work) {
                // The backend returns at once: the lane's own event loop is the right thread.
                work.run();
            }

            @Override
            public void end() {
                synchronized (lock) {
                    free++;
                }
                dispatch();
            }
        });
    }
}
