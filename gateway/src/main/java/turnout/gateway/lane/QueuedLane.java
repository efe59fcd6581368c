package turnout.gateway.lane;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import turnout.gateway.call.Answer;
import turnout.gateway.call.CachePolicy;
import turnout.gateway.call.Call;
import turnout.gateway.call.Route;
import turnout.spi.Capability;
import turnout.spi.ModelVersion;
import turnout.spi.Signature;

/** Counts who may send calls to a {@link BackendVerticle}, and undeploys it after the last has left. */
final class QueuedLane implements Lane {
    private final Vertx vertx;
    private final LaneSpec spec;
    private final BackendVerticle verticle;
    private final String deployment;
    private final Runnable closed;
    private final Promise<Void> drained = Promise.promise();
    private final Object lock = new Object();

    // Guarded by lock.
    private long handles;
    private boolean draining;

    QueuedLane(Vertx vertx, LaneSpec spec, BackendVerticle verticle, String deployment, Runnable closed) {
        this.vertx = vertx;
        this.spec = spec;
        this.verticle = verticle;
        this.deployment = deployment;
        this.closed = closed;
    }

    @Override
    public ModelVersion version() {
        return spec.version();
    }

    @Override
    public long generation() {
        return spec.generation();
    }

    @Override
    public Map<String, Signature> signatures() {
        return spec.servable().signatures();
    }

    @Override
    public long waitingRows() {
        return verticle.waitingRows();
    }

    @Override
    public long waitingBytes() {
        return verticle.waitingBytes();
    }

    @Override
    public Optional<Route> acquire(String arm) {
        synchronized (lock) {
            if (draining) {
                return Optional.empty();
            }
            handles++;
        }
        return Optional.of(new LaneRoute(arm));
    }

    @Override
    public Future<Void> drain() {
        boolean last;
        synchronized (lock) {
            if (draining) {
                return drained.future();
            }
            draining = true;
            last = handles == 0;
        }
        if (last) {
            close();
        }
        return drained.future();
    }

    private void release() {
        boolean last;
        synchronized (lock) {
            handles--;
            last = draining && handles == 0;
        }
        if (last) {
            close();
        }
    }

    private void close() {
        // A run may outlive its callers: the session is needed until it has returned.
        verticle.onContext(() -> verticle.idle()
                .compose(idle -> vertx.undeploy(deployment))
                .onComplete(done -> {
                    try {
                        closed.run();
                    } finally {
                        drained.tryComplete();
                    }
                }));
    }

    private final class LaneRoute implements Route {
        private final String arm;
        private final AtomicBoolean released = new AtomicBoolean();

        LaneRoute(String arm) {
            this.arm = arm;
        }

        @Override
        public ModelVersion version() {
            return spec.version();
        }

        @Override
        public String arm() {
            return arm;
        }

        @Override
        public long generation() {
            return spec.generation();
        }

        @Override
        public Map<String, Signature> signatures() {
            return spec.servable().signatures();
        }

        @Override
        public boolean allowsLooseShapes() {
            return spec.capabilities().contains(Capability.LOOSE_SHAPES);
        }

        @Override
        public Duration defaultDeadline() {
            return spec.deadline();
        }

        @Override
        public @Nullable CachePolicy cachePolicy() {
            return spec.cache();
        }

        @Override
        public Future<Answer> run(Call call) {
            return RowSplit.applies(spec, call) ? RowSplit.run(spec, call, this::submit) : submit(call);
        }

        private Future<Answer> submit(Call call) {
            // The caller's own context: the answer arrives where the call came from.
            Promise<Answer> promise =
                    ((VertxInternal) vertx).getOrCreateContext().promise();
            verticle.onContext(() -> verticle.submit(call, promise));
            return promise.future();
        }

        @Override
        public void release() {
            if (released.compareAndSet(false, true)) {
                QueuedLane.this.release();
            }
        }
    }
}
