package turnout.gateway.edge;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.Objects;
import java.util.concurrent.Callable;
import turnout.gateway.call.Offload;

/** The edge's only blocking place: a few threads that inflate and decode what would hold up an event loop. Bounded by bytes in flight. */
public final class DecodePool implements Offload {
    /** Handling so many bytes takes a noticeable part of a millisecond: more would hold up an event loop. */
    public static final int HEAVY_BYTES = 256 * 1024;

    private final WorkerExecutor executor;

    public DecodePool(Vertx vertx, int threads) {
        executor = vertx.createSharedWorkerExecutor("turnout-decode", threads);
    }

    /** Runs it on a decode thread and completes on the calling context. */
    @Override
    public <T> Future<T> run(Callable<T> task) {
        // Unordered: calls of one connection must not wait for each other.
        // The map says that a task's result is never null, which executeBlocking's own type leaves open.
        return executor.executeBlocking(task, false).map(Objects::requireNonNull);
    }

    /** Runs it on a decode thread if it handles many bytes, at once if not; whatever it throws becomes a failure. */
    public <T> Future<T> runIfHeavy(long bytes, Callable<T> task) {
        return bytes > HEAVY_BYTES ? run(task) : Future.succeededFuture(task).map(DecodePool::call);
    }

    private static <T> T call(Callable<T> task) {
        try {
            return task.call();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
