package turnout.gateway.call;

import java.util.ArrayDeque;
import java.util.Deque;
import turnout.spi.Cancellation;

/** A {@link Cancellation} and the means to fire it. Safe for any thread. */
public final class CancelSource implements Cancellation {
    private final Object lock = new Object();

    // Guarded by lock. Actions run under it, so that closing a registration waits for an action under way.
    private final Deque<Entry> entries = new ArrayDeque<>(1);
    private boolean cancelled;

    /** Fires; the second time does nothing. An action that throws does so after all others have run. */
    public void cancel() {
        RuntimeException thrown = null;
        synchronized (lock) {
            cancelled = true;
            // One by one: an action may close the registration of one that comes after it.
            for (Entry entry = entries.poll(); entry != null; entry = entries.poll()) {
                try {
                    entry.action.run();
                } catch (RuntimeException e) {
                    thrown = thrown == null ? e : thrown;
                }
            }
        }
        if (thrown != null) {
            throw thrown;
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
        Entry entry = new Entry(action);
        synchronized (lock) {
            if (cancelled) {
                action.run();
                return entry;
            }
            entries.add(entry);
        }
        return entry;
    }

    private final class Entry implements Registration {
        private final Runnable action;

        Entry(Runnable action) {
            this.action = action;
        }

        @Override
        public void close() {
            synchronized (lock) {
                entries.remove(this);
            }
        }
    }
}
