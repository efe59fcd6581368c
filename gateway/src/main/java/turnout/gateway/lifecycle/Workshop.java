package turnout.gateway.lifecycle;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the lives of all versions share.
 *
 * @param control the thread that owns them
 * @param loads threads that may block
 * @param loading the work itself
 * @param budget memory
 * @param lanes opens lanes
 * @param config pauses
 * @param generations counts loads
 */
record Workshop(
        ControlThread control,
        Executor loads,
        VersionLoading loading,
        MemoryBudget budget,
        LaneOpener lanes,
        LifecycleConfig config,
        AtomicLong generations) {}
