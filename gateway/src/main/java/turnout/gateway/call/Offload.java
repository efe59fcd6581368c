package turnout.gateway.call;

import io.vertx.core.Future;
import java.util.concurrent.Callable;

/** Somewhere to do what would hold up an event loop. */
public interface Offload {
    /** Runs it elsewhere and completes on the calling context. */
    <T> Future<T> run(Callable<T> task);
}
