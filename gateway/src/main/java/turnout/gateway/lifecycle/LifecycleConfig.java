package turnout.gateway.lifecycle;

import java.time.Duration;

/**
 * How versions are loaded.
 *
 * @param loadThreads versions that are loaded or unloaded at a time
 * @param memoryBudget bytes that loaded versions may take
 * @param pollInterval how often directories are looked at; zero for once, at the start
 * @param cores processor cores that sessions may use
 * @param firstRetry pause after a load that found something missing; doubles with each failure
 * @param lastRetry longest such pause
 * @param mostRetries how often it is tried again before the version is given up until its files or settings change
 * @param labels what labels a reload may bring
 */
public record LifecycleConfig(
        int loadThreads,
        long memoryBudget,
        Duration pollInterval,
        int cores,
        Duration firstRetry,
        Duration lastRetry,
        int mostRetries,
        Labels labels) {
    /** What a label of a reload may point at. */
    public enum Labels {
        /** A version that takes calls, or whose files are there. */
        PRESENT,
        /** Any version: it may come later. */
        ANY
    }

    /** With the usual pauses. */
    public static LifecycleConfig of(int loadThreads, long memoryBudget, Duration pollInterval, int cores) {
        return new LifecycleConfig(
                loadThreads,
                memoryBudget,
                pollInterval,
                cores,
                Duration.ofMillis(500),
                Duration.ofMinutes(1),
                Integer.MAX_VALUE,
                Labels.PRESENT);
    }

    public LifecycleConfig {
        require(loadThreads >= 1, "load-threads must be at least 1, was " + loadThreads);
        require(memoryBudget >= 1, "memory-budget must be at least 1, was " + memoryBudget);
        require(!pollInterval.isNegative(), "poll-interval must not be negative, was " + pollInterval);
        require(cores >= 1, "cores must be at least 1, was " + cores);
        require(mostRetries >= 0, "retries must not be negative, was " + mostRetries);
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
