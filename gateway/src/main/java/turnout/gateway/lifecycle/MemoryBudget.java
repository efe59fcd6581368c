package turnout.gateway.lifecycle;

import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/** Memory that loaded versions may take. Owned by the control thread; {@link #used} may be read by any. */
final class MemoryBudget {
    private final long total;
    private final Runnable onRelease;
    private final AtomicLong used = new AtomicLong();
    private int leaving;

    /** @param onRelease told when some was given back */
    MemoryBudget(long total, Runnable onRelease) {
        this.total = total;
        this.onRelease = onRelease;
    }

    /** Whether so much fits when nothing else is loaded. */
    boolean couldHold(long bytes) {
        return bytes <= total;
    }

    /** Whether so much fits now. */
    boolean holds(long bytes) {
        return bytes <= total - used();
    }

    /** Whether a version is going, so that waiting may help. */
    boolean expectsRelease() {
        return leaving > 0;
    }

    /** Takes that much; only after {@link #holds}. */
    Reservation reserve(long bytes) {
        used.addAndGet(bytes);
        return new Reservation(bytes);
    }

    /** Bytes that are taken. */
    long used() {
        return used.get();
    }

    /** Why so much does not fit. */
    String shortage(long bytes) {
        return couldHold(bytes)
                ? "it needs " + mebibytes(bytes) + ", but only " + mebibytes(total - used())
                        + " of the memory budget of " + mebibytes(total) + " are left"
                : "it needs " + mebibytes(bytes) + ", more than the whole memory budget of " + mebibytes(total);
    }

    private static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
    }

    /** One version's share. */
    final class Reservation {
        private final long bytes;
        private boolean goes;
        private boolean released;

        private Reservation(long bytes) {
            this.bytes = bytes;
        }

        /** It will be released soon. */
        void leaves() {
            if (!goes && !released) {
                goes = true;
                leaving++;
            }
        }

        /** Gives it back; once, whatever is called more often. */
        void release() {
            if (!released) {
                released = true;
                used.addAndGet(-bytes);
                leaving -= goes ? 1 : 0;
                onRelease.run();
            }
        }
    }
}
