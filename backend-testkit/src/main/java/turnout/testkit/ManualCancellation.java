package turnout.testkit;

import java.util.ArrayList;
import java.util.List;
import turnout.spi.Cancellation;

/** A cancellation that the test fires by hand. Safe for any thread. */
public final class ManualCancellation implements Cancellation {
    private final Object lock = new Object();
    private final List<Entry> entries = new ArrayList<>();
    private boolean fired;

    /** Fires it, on the calling thread; later calls do nothing. */
    public void fire() {
        List<Entry> due;
        synchronized (lock) {
            if (fired) {
                return;
            }
            fired = true;
            due = List.copyOf(entries);
            entries.clear();
        }
        due.forEach(Entry::run);
    }

    @Override
    public boolean isCancelled() {
        synchronized (lock) {
            return fired;
        }
    }

    @Override
    public Registration onCancel(Runnable action) {
        Entry entry = new Entry(action);
        synchronized (lock) {
            if (!fired) {
                entries.add(entry);
                return entry;
            }
        }
        entry.run();
        return entry;
    }

    /** How many actions wait for it: 0 once every run that looked at it has ended. */
    public int registrations() {
        synchronized (lock) {
            return entries.size();
        }
    }

    private final class Entry implements Registration {
        private final Runnable action;
        private boolean closed;

        Entry(Runnable action) {
            this.action = action;
        }

        // Its own monitor, held while the action runs: that is how close() waits for an action under way.
        synchronized void run() {
            if (!closed) {
                action.run();
            }
        }

        @Override
        public synchronized void close() {
            closed = true;
            synchronized (lock) {
                entries.remove(this);
            }
        }
    }
}
