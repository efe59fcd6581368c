package turnout.testkit;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/**
 * What reading some bytes costs. Memory is what the reading thread allocates, which is more than it ever holds at a time: so it is not held
 * to the promised 100 times the bytes and a mebibyte, but to a small multiple of that.
 */
public final class Spending {
    // What watches the code during a search allocates on the same thread.
    private static final long FACTOR = Long.getLong("fuzz.spending", 300);
    private static final long SPARE_BYTES = 3 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Spending() {}

    /** Fails if the reading costs more than those bytes are worth. */
    public static void ofReading(int bytes, Runnable reading) {
        String excess = excess(bytes, reading);
        // The first time classes are loaded, and the machine may have been busy.
        if (!excess.isEmpty() && !excess(bytes, reading).isEmpty()) {
            throw new AssertionError(excess);
        }
    }

    private static String excess(int bytes, Runnable reading) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        long started = System.nanoTime();
        reading.run();
        long nanos = System.nanoTime() - started;
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        if (allocated > FACTOR * bytes + SPARE_BYTES) {
            return "reading " + bytes + " bytes took " + allocated + " bytes of memory";
        }
        return nanos > PATIENCE.toNanos() ? "reading " + bytes + " bytes took " + nanos / 1_000_000 + " ms" : "";
    }
}
