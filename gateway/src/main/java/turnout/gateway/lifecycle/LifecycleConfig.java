package turnout.gateway.lifecycle;

import java.time.Duration;

/**
 * How versions are loaded.
 *
 * @param loadThreads versions that are loaded or unloaded at a time
 * @param memoryBudget bytes that loaded versions may take
 * @param pollInterval how often directories are looked at
 * @param cores processor cores that sessions may use
 * @param firstRetry pause after a load that found something missing; doubles with each failure
 * @param lastRetry longest such pause
 */
public record LifecycleConfig(
        int loadThreads, long memoryBudget, Duration pollInterval, int cores, Duration firstRetry, Duration lastRetry) {
    /** With the usual pauses. */
    public static LifecycleConfig of(int loadThreads, long memoryBudget, Duration pollInterval, int cores) {
        return new LifecycleConfig(
                loadThreads, memoryBudget, pollInterval, cores, Duration.ofMillis(500), Duration.ofMinutes(1));
    }

    public LifecycleConfig {
        require(loadThreads >= 1, "load-threads must be at least 1, was " + loadThreads);
        require(memoryBudget >= 1, "memory-budget must be at least 1, was " + memoryBudget);
        require(cores >= 1, "cores must be at least 1, was " + cores);
    }

    /** The pause after so many failures in a row. */
    Duration retry(int failures) {
        Duration pause = firstRetry.multipliedBy(1L << Math.min(20, Math.max(0, failures - 1)));
        return pause.compareTo(lastRetry) < 0 ? pause : lastRetry;
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
