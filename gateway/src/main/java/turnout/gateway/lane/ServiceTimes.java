package turnout.gateway.lane;

import java.util.Arrays;

/**
 * The least time that runs of a size took lately, to refuse calls that cannot be answered in time.
 *
 * <p>The least and not the mean: how long a run takes may depend on the values, and a call must not be refused that could have made it.
 * After some refusals without a run one is let through: else a slow first run would shut out everybody, and nobody could prove it wrong.
 */
final class ServiceTimes {
    private static final int CLASSES = 32;
    private static final int WINDOW = 64;
    private static final int PROBE_AFTER = 16;

    private final long[] current = filled();
    private final long[] previous = filled();
    private final int[] seen = new int[CLASSES];
    private final int[] refusals = new int[CLASSES];

    /** A run of so many rows begins. */
    void started(long rows) {
        refusals[index(rows)] = 0;
    }

    /** A call was refused because of {@link #least}. */
    void refused(long rows) {
        refusals[index(rows)]++;
    }

    void ran(long rows, long nanos) {
        int index = index(rows);
        current[index] = Math.min(current[index], nanos);
        if (++seen[index] == WINDOW) {
            seen[index] = 0;
            previous[index] = current[index];
            current[index] = Long.MAX_VALUE;
        }
    }

    /** Nanoseconds that a run of so many rows takes at least; 0 while nothing is known, or when it is time to find out anew. */
    long least(long rows) {
        int index = index(rows);
        long least = Math.min(current[index], previous[index]);
        return least == Long.MAX_VALUE || refusals[index] >= PROBE_AFTER ? 0 : least;
    }

    private static int index(long rows) {
        return Math.min(CLASSES - 1, 64 - Long.numberOfLeadingZeros(Math.max(1, rows)) - 1);
    }

    private static long[] filled() {
        long[] times = new long[CLASSES];
        Arrays.fill(times, Long.MAX_VALUE);
        return times;
    }
}
