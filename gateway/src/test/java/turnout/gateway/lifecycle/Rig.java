package turnout.gateway.lifecycle;

import io.vertx.core.Future;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import turnout.gateway.config.ModelFile;
import turnout.gateway.edge.tfserving.PredictionLogs;
import turnout.gateway.lane.Lane;
import turnout.gateway.lane.LaneSpec;
import turnout.gateway.plugin.Plugin;
import turnout.gateway.routing.ModelRoute;
import turnout.gateway.routing.ServingTable;
import turnout.gateway.source.DirectorySource;
import turnout.gateway.traffic.TrafficControl;
import turnout.spi.Availability;
import turnout.spi.BackendContext;
import turnout.spi.LoadRequest;
import turnout.spi.Options;
import turnout.spi.Servable;
import turnout.spi.Ticker;
import turnout.testkit.FakeBackend;
import turnout.testkit.TestBuffers;

/** The whole control plane over a real directory, with a fake backend and fake lanes. */
public final class Rig implements AutoCloseable {
    static final RecordedCalls NOTHING_RECORDED = record -> {
        throw new AssertionError("no test of this rig records requests");
    };

    final Repository repository;
    final FakeBackend backend;
    public final ServingTable table = new ServingTable();
    final List<FakeLane> lanes = new CopyOnWriteArrayList<>();
    final ControlThread control = new ControlThread();
    final TestBuffers buffers = new TestBuffers();
    public final ModelManager manager;
    public final TrafficControl traffic;
    private volatile boolean lanesDrainAtOnce = true;

    Rig(Path root, FakeBackend backend, LifecycleConfig config, Ticker ticker) {
        this(root, backend, config, ticker, Map.of("fake", backend::checkOptions));
    }

    /** @param checks who checks a backend's section of a model.yaml */
    Rig(Path root, FakeBackend backend, LifecycleConfig config, Ticker ticker, Map<String, Consumer<Options>> checks) {
        this.repository = new Repository(root);
        this.backend = backend;
        List<Plugin> plugins = List.of(new Plugin(
                "fake",
                "1",
                List.of(new Plugin.Provided("fake", backend, Availability.OK)),
                Optional.empty(),
                List.of()));
        Backends backends = Backends.create(
                plugins, platform -> new BackendContext(Runnable::run, root, ticker, buffers, config.cores()));
        this.manager = new ModelManager(
                config,
                control,
                new DirectorySource(root),
                new ModelFile(name -> null, checks, Map.of()),
                backends,
                this::open,
                new PredictionLogs(),
                buffers,
                ticker);
        this.traffic = new TrafficControl(table, control, manager);
    }

    /** One whose polls are quick, with that backend. */
    public static Rig over(Path root, Function<LoadRequest, ? extends Servable> versions) {
        return new Rig(root, new FakeBackend(versions), quick(1L << 40), Ticker.system());
    }

    static LifecycleConfig quick(long budget) {
        return new LifecycleConfig(
                2,
                budget,
                Duration.ofMillis(10),
                2,
                Duration.ofMillis(10),
                Duration.ofMillis(50),
                Integer.MAX_VALUE,
                LifecycleConfig.Labels.PRESENT);
    }

    /** Lanes drain when the test says so. */
    Rig holdingLanes() {
        lanesDrainAtOnce = false;
        return this;
    }

    public Rig start() {
        await(manager.start(traffic));
        return this;
    }

    public List<Long> available(String model) {
        return manager.model(model).stream()
                .flatMap(status -> status.available().stream())
                .map(version -> version.version().number())
                .toList();
    }

    State state(String model, long version) {
        return manager.model(model)
                .flatMap(status -> status.version(version))
                .map(VersionStatus::state)
                .orElseThrow();
    }

    ModelStatus status(String model) {
        return manager.model(model).orElseThrow();
    }

    ModelRoute route(String model) {
        return Optional.ofNullable(table.current().models().get(model)).orElseThrow();
    }

    boolean routes(String model) {
        return table.current().models().containsKey(model);
    }

    /** The lane opened last for that version. */
    FakeLane lane(String model, long version) {
        List<FakeLane> found = new ArrayList<>(lanes);
        found.removeIf(
                lane -> !lane.version().model().equals(model) || lane.version().number() != version);
        return found.get(found.size() - 1);
    }

    public static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new AssertionError(e);
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    private Future<Lane> open(LaneSpec spec) {
        FakeLane lane = new FakeLane(spec, lanesDrainAtOnce);
        lanes.add(lane);
        return Future.succeededFuture(lane);
    }

    @Override
    public void close() {
        lanes.forEach(FakeLane::finish);
        lanesDrainAtOnce = true;
        await(manager.shutdown());
        control.close();
    }
}
