package turnout.gateway.rig;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import turnout.gateway.call.Route;
import turnout.gateway.lane.Lane;
import turnout.spi.DataType;
import turnout.spi.ModelVersion;
import turnout.spi.Signature;
import turnout.testkit.FakeServable;

/** A lane that gives out routes until the test drains it. */
public final class FakeLane implements Lane {
    private final ModelVersion version;
    private final List<FakeRoute> routes = new ArrayList<>();
    private boolean draining;

    public FakeLane(String model, long number) {
        version = new ModelVersion(model, number);
    }

    /** What it gave out. */
    public List<FakeRoute> routes() {
        return routes;
    }

    @Override
    public ModelVersion version() {
        return version;
    }

    @Override
    public long generation() {
        return version.number();
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
        return Map.of(Signature.DEFAULT, FakeServable.xToY(DataType.FP32));
    }

    @Override
    public Optional<Route> acquire(String arm) {
        if (draining) {
            return Optional.empty();
        }
        FakeRoute route = new FakeRoute(
                version, generation(), arm, signatures(), null, false, call -> Future.failedFuture("not played"));
        routes.add(route);
        return Optional.of(route);
    }

    @Override
    public Future<Void> drain() {
        draining = true;
        return Future.succeededFuture();
    }
}
