package turnout.gateway.lane;

import java.util.Arrays;

/**
 * The least time that runs of a size took lately, to refuse calls that cannot be answered in time.
 *
 * <p>The least and not the mean: how long a run takes may depend on the values, and a call must not be refused that could have made it.
 */
final class ServiceTimes {
    private static final int CLASSES = 32;
    private static final int WINDOW = 64;

    private final long[] current = filled();
    private final long[] previous = filled();
    private final int[] seen = new int[CLASSES];

    void ran(long rows, long nanos) {
        int index = index(rows);
        current[index] = Math.min(current[index], nanos);
        if (++seen[index] == WINDOW) {
            seen[index] = 0;
            previous[index] = current[index];
            current[index] = Long.MAX_VALUE;
        }
    }

    /** Nanoseconds that a run of so many rows takes at least; 0 while nothing is known. */
    long least(long rows) {
        int index = index(rows);
        long least = Math.min(current[index], previous[index]);
        return least == Long.MAX_VALUE ? 0 : least;
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
