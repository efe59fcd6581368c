package turnout.gateway.rig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import turnout.gateway.call.Answer;
import turnout.gateway.call.Call;
import turnout.gateway.call.Route;
import turnout.gateway.call.RunListener;
import turnout.gateway.device.BufferPool;
import turnout.gateway.device.DevicePool;
import turnout.gateway.lane.BatchingConfig;
import turnout.gateway.lane.Lane;
import turnout.gateway.lane.LaneSpec;
import turnout.gateway.lane.Lanes;
import turnout.spi.Capability;
import turnout.spi.Deadline;
import turnout.spi.Device;
import turnout.spi.ModelVersion;
import turnout.spi.Servable;
import turnout.spi.Signature;
import turnout.spi.Ticker;
import turnout.testkit.FakeServable;

/** Lanes over fake servables on real workers. Closing it drains every lane and proves that nothing is still lent. */
public final class LaneRig implements AutoCloseable {
    private static final Duration LONG = Duration.ofSeconds(60);

    public final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    public final Ticker ticker = Ticker.system();
    public final BufferPool buffers = new BufferPool(1 << 24);
    public final Runs runs = new Runs();
    public final DevicePool pool;
    public final List<Long> closed = new CopyOnWriteArrayList<>();
    public volatile boolean closedFails;

    private final Lanes lanes;
    private final List<Lane> open = new ArrayList<>();
    private final List<FakeServable> servables = new ArrayList<>();
    private long generations;

    /** One device with so many turns and spares. */
    public LaneRig(int turns, int spares) {
        this(turns, spares, null);
    }

    /** The same, with a listener of the test's own. */
    public LaneRig(int turns, int spares, @Nullable RunListener listener) {
        pool = new DevicePool(vertx, ticker, "rig", turns, spares);
        lanes = new Lanes(
                vertx, ticker, buffers, Map.of(Device.CPU, pool), listener == null ? runs : listener, this::closed);
    }

    /** Batches of so many rows, at once. */
    public static BatchingConfig rows(int most) {
        return new BatchingConfig(
                most,
                Duration.ZERO,
                4096,
                BatchingConfig.DEFAULT_QUEUED_BYTES,
                List.of(),
                0,
                Duration.ZERO,
                BatchingConfig.Join.AUTO);
    }

    /** A lane whose signatures are all joinable, with one instance. */
    public Lane open(Servable servable, BatchingConfig batching) {
        return open(spec(servable, batching, Set.of(), servable.signatures().keySet(), 1));
    }

    /** A lane as specified. */
    public Lane open(LaneSpec spec) {
        Lane lane = Futures.result(lanes.open(spec));
        open.add(lane);
        if (spec.servable() instanceof FakeServable fake) {
            servables.add(fake);
        }
        return lane;
    }

    /** A specification with the rest at its default. */
    public LaneSpec spec(
            Servable servable,
            BatchingConfig batching,
            Set<Capability> capabilities,
            Set<String> joinable,
            int instances) {
        long generation = ++generations;
        return new LaneSpec(
                new ModelVersion("m", generation),
                generation,
                servable,
                capabilities,
                Device.CPU,
                batching,
                joinable,
                instances,
                64,
                Duration.ofSeconds(30),
                null,
                1 << 20);
    }

    /** Returns when the one event loop has done all that it was given before. */
    public void settle() {
        Promise<Void> promise = Promise.promise();
        vertx.runOnContext(promise::complete);
        Futures.result(promise.future());
    }

    /** Sends a call that is bound to the lane's only signature. */
    public Future<Answer> send(Lane lane, Calls call) {
        return send(lane, call, lane.signatures().values().iterator().next());
    }

    /** Sends a call; its route is released when it ends. */
    public Future<Answer> send(Lane lane, Calls calls, Signature signature) {
        Route route = lane.acquire("control").orElseThrow();
        Call call = calls.bound(signature);
        Deadline deadline = call.deadline();
        return route.run(call.withRoute(route, deadline == null ? Deadline.after(LONG, ticker) : deadline))
                .onComplete(done -> route.release());
    }

    private void closed(ModelVersion version, long generation) {
        closed.add(generation);
        if (closedFails) {
            throw new IllegalStateException("cannot forget " + version);
        }
    }

    @Override
    public void close() {
        for (Lane lane : open) {
            Futures.result(lane.drain());
        }
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(
                        () -> assertThat(buffers.outstanding()).as("leases").isZero());
        for (FakeServable servable : servables) {
            assertThat(servable.openResponses()).as("responses not closed").isZero();
        }
        pool.close();
        Futures.result(vertx.close());
    }
}
