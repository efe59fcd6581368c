package turnout.gateway.call;

import java.util.ArrayList;
import java.util.List;
import turnout.spi.Cancellation;

/** A {@link Cancellation} and the means to fire it. Safe for any thread. */
public final class CancelSource implements Cancellation {
    private final Object lock = new Object();

    // Guarded by lock. Actions run under it, so that closing a registration waits for an action under way.
    private final List<Runnable> actions = new ArrayList<>(1);
    private boolean cancelled;

    /** Fires; the second time does nothing. */
    public void cancel() {
        synchronized (lock) {
            if (cancelled) {
                return;
            }
            cancelled = true;
            for (Runnable action : List.copyOf(actions)) {
                action.run();
            }
            actions.clear();
        }
    }

    @Override
    public boolean isCancelled() {
        synchronized (lock) {
            return cancelled;
        }
    }

    @Override
    public Registration onCancel(Runnable action) {
        synchronized (lock) {
            if (cancelled) {
                action.run();
                return () -> {};
            }
            actions.add(action);
        }
        return () -> {
            synchronized (lock) {
                actions.remove(action);
            }
        };
    }
}
