package turnout.gateway.lifecycle;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import turnout.gateway.call.Route;
import turnout.gateway.lane.Lane;
import turnout.gateway.lane.LaneSpec;
import turnout.spi.ModelVersion;
import turnout.spi.Signature;

/** A lane that carries no calls and drains when the test lets it. */
final class FakeLane implements Lane {
    private final LaneSpec spec;
    private final Promise<Void> drained = Promise.promise();
    private final AtomicBoolean draining = new AtomicBoolean();
    private final boolean drainsAtOnce;

    FakeLane(LaneSpec spec, boolean drainsAtOnce) {
        this.spec = spec;
        this.drainsAtOnce = drainsAtOnce;
    }

    LaneSpec spec() {
        return spec;
    }

    boolean isDraining() {
        return draining.get();
    }

    /** Its last call ends. */
    void finish() {
        drained.tryComplete();
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
    public long waitingRows() {
        return 0;
    }

    @Override
    public long waitingBytes() {
        return 0;
    }

    @Override
    public Map<String, Signature> signatures() {
        return spec.servable().signatures();
    }

    @Override
    public Optional<Route> acquire(String arm) {
        return Optional.empty();
    }

    @Override
    public Future<Void> drain() {
        draining.set(true);
        if (drainsAtOnce) {
            finish();
        }
        return drained.future();
    }
}
