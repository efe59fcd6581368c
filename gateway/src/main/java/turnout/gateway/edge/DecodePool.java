package turnout.gateway.edge;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.concurrent.Callable;
import turnout.gateway.call.Offload;

/** The edge's only blocking place: a few threads that inflate and decode what would hold up an event loop. Bounded by bytes in flight. */
public final class DecodePool implements Offload {
    private final WorkerExecutor executor;

    public DecodePool(Vertx vertx, int threads) {
        executor = vertx.createSharedWorkerExecutor("turnout-decode", threads);
    }

    /** Runs it on a decode thread and completes on the calling context. */
    @Override
    public <T> Future<T> run(Callable<T> task) {
        // Unordered: calls of one connection must not wait for each other.
        return executor.executeBlocking(task, false);
    }
}
