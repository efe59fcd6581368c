package turnout.gateway.lane;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import turnout.gateway.call.Offload;
import turnout.gateway.call.RunListener;
import turnout.gateway.device.DevicePool;
import turnout.spi.Buffers;
import turnout.spi.Device;
import turnout.spi.ModelVersion;
import turnout.spi.Ticker;

/** Opens lanes over loaded versions. Safe for any thread. */
public final class Lanes {
    private final Vertx vertx;
    private final Ticker ticker;
    private final Buffers buffers;
    private final Map<Device, DevicePool> devices;
    private final RunListener listener;
    private final BiConsumer<ModelVersion, Long> closed;
    private final Offload offload;

    /**
     * @param devices the workers of each device that a lane may ask for
     * @param listener hears every run and every exit
     * @param closed told of the version and generation of each lane that has drained
     * @param offload where large answers of pieces are put together
     */
    public Lanes(
            Vertx vertx,
            Ticker ticker,
            Buffers buffers,
            Map<Device, DevicePool> devices,
            RunListener listener,
            BiConsumer<ModelVersion, Long> closed,
            Offload offload) {
        this.vertx = vertx;
        this.ticker = ticker;
        this.buffers = buffers;
        this.devices = Map.copyOf(devices);
        this.listener = listener;
        this.closed = closed;
        this.offload = offload;
    }

    /** Deploys the lane's verticle; fails when one of its devices has no workers. */
    public Future<Lane> open(LaneSpec spec) {
        List<BackendVerticle.Turns> turns = new ArrayList<>();
        for (Session session : spec.sessions()) {
            DevicePool pool = devices.get(session.device());
            if (spec.isNonBlocking()) {
                turns.add(new BackendVerticle.Turns(
                        session.servable(), granted -> new InFlight(spec.maxInFlight(), granted)));
            } else if (pool != null) {
                turns.add(new BackendVerticle.Turns(
                        session.servable(), granted -> pool.enroll(spec.instances(), granted)));
            } else {
                return Future.failedFuture(new IllegalArgumentException("no workers for device " + session.device()));
            }
        }
        Buffers memory = spec.isNonBlocking() ? new HeapBuffers() : buffers;
        BackendVerticle verticle =
                new BackendVerticle(spec, ticker, listener, new BatchAssembler(memory, spec.maxOutputBytes()), turns);
        return vertx.deployVerticle(verticle)
                .map(id -> new QueuedLane(
                        vertx, spec, verticle, id, offload, () -> closed.accept(spec.version(), spec.generation())));
    }
}
