package turnout.gateway.app;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import turnout.gateway.admin.AdminServer;
import turnout.gateway.admin.CacheView;
import turnout.gateway.admission.AdmissionConfig;
import turnout.gateway.config.ConfigException;
import turnout.gateway.config.Environment;
import turnout.gateway.config.ModelFile;
import turnout.gateway.config.ModelOrigin;
import turnout.gateway.config.TurnoutConfig;
import turnout.gateway.device.BufferPool;
import turnout.gateway.device.DevicePool;
import turnout.gateway.edge.DecodePool;
import turnout.gateway.edge.EdgeConfig;
import turnout.gateway.edge.EdgeServer;
import turnout.gateway.edge.EdgeVertx;
import turnout.gateway.edge.GrpcDoor;
import turnout.gateway.edge.Health;
import turnout.gateway.edge.RestDoor;
import turnout.gateway.edge.Services;
import turnout.gateway.edge.TextDoor;
import turnout.gateway.edge.openinference.OipGrpc;
import turnout.gateway.edge.openinference.OipRest;
import turnout.gateway.edge.tfserving.PredictionLogs;
import turnout.gateway.edge.tfserving.StatusNames;
import turnout.gateway.edge.tfserving.TfsGrpc;
import turnout.gateway.edge.tfserving.TfsRest;
import turnout.gateway.lane.Lanes;
import turnout.gateway.lifecycle.Backends;
import turnout.gateway.lifecycle.ControlThread;
import turnout.gateway.lifecycle.ModelManager;
import turnout.gateway.lifecycle.ModelStatus;
import turnout.gateway.observe.ServingMeters;
import turnout.gateway.plugin.Plugin;
import turnout.gateway.plugin.PluginLoader;
import turnout.gateway.source.DirectorySource;
import turnout.gateway.traffic.TrafficControl;
import turnout.spi.Device;
import turnout.spi.Ticker;

/** A running Turnout: both planes, wired. */
final class TurnoutServer {
    private static final Logger log = LoggerFactory.getLogger(TurnoutServer.class);
    private static final Duration LISTEN_TIMEOUT = Duration.ofSeconds(30);
    private static final long KEPT_BUFFER_BYTES = 256L << 20;

    private final Vertx vertx;
    private final Contexts contexts;
    private final ModelManager manager;
    private final ServedList list;
    private final EdgeServer edge;
    private final Optional<AdminServer> admin;
    private final Future<Void> settled;

    private TurnoutServer(
            Vertx vertx,
            Contexts contexts,
            ModelManager manager,
            ServedList list,
            EdgeServer edge,
            Optional<AdminServer> admin,
            Future<Void> settled) {
        this.vertx = vertx;
        this.contexts = contexts;
        this.manager = manager;
        this.list = list;
        this.edge = edge;
        this.admin = admin;
        this.settled = settled;
    }

    /**
     * Listens, then begins to load. Blocks until the port is open.
     *
     * @throws StartException saying why not
     * @throws ConfigException when a backend refuses its options
     */
    static TurnoutServer start(TurnoutConfig config, String version) {
        LogWarmUp.run();
        Ticker ticker = Ticker.system();
        List<Plugin> plugins = new PluginLoader().load(config.plugins());
        config.shared().check(Backends.optionChecks(plugins));
        BufferPool buffers = new BufferPool(KEPT_BUFFER_BYTES);
        int cores = config.lifecycle().cores();
        Contexts contexts = new Contexts(ticker, buffers, cores);
        Backends backends = Backends.create(plugins, contexts);
        requireHere("device-threads", config.deviceThreads().keySet(), backends);
        requireHere("device-memory", config.lifecycle().deviceMemory().keySet(), backends);
        EdgeVertx edgeVertx = EdgeVertx.create(new VertxOptions()
                .setEventLoopPoolSize(config.edge().eventLoops())
                // Nothing is served from the class path: no cache directory is needed.
                .setFileSystemOptions(new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false)));
        Vertx vertx = edgeVertx.vertx();
        DecodePool pool = new DecodePool(vertx, Math.max(1, cores / 2));
        Rooms rooms = new Rooms(
                vertx,
                ticker,
                new AdmissionConfig(AdmissionConfig.DEFAULT.calls(), config.inFlightBytes()),
                pool,
                serving(config));
        ControlThread control = new ControlThread();
        Lanes lanes = new Lanes(
                vertx, ticker, buffers, pools(vertx, ticker, config, backends), rooms.runs(), rooms::closed, pool);
        ModelManager manager = new ModelManager(
                config.lifecycle(),
                control,
                source(config.models()),
                new ModelFile(
                        Environment.ofProcess(),
                        Backends.optionChecks(plugins),
                        config.backends(),
                        config.modelDefaults()),
                backends,
                spec -> {
                    rooms.opened(spec.version());
                    return lanes.open(spec)
                            .onComplete(rooms::serves, e -> rooms.closed(spec.version(), spec.generation()));
                },
                new PredictionLogs(),
                rooms.loads(),
                buffers,
                ticker);
        ServedList list = ServedList.of(config.models(), manager);
        TrafficControl traffic = new TrafficControl(rooms.table(), control, manager);
        EdgeServer edge = listen(edgeVertx, config, rooms, manager, ticker, pool, version);
        rooms.meters().gauge("turnout.models", "Models with an available version", () -> count(manager)
                .models());
        rooms.meters().gauge("turnout.loaded.bytes", "Bytes that loaded versions may take", manager::loadedBytes);
        rooms.meters().gauge("turnout.versions", "Available versions", () -> count(manager)
                .versions());
        rooms.meters().gauge("turnout.connections", "Open connections on the data port", edge::connections);
        rooms.meters()
                .counter(
                        "turnout.connections.refused",
                        "Connections closed at once because limits.connections were open",
                        edge::refusedConnections);
        Optional<AdminServer> admin = config.admin()
                .map(address -> admin(vertx, config, address, rooms, manager, traffic, list, plugins, version));
        rooms.meters()
                .gauge("turnout.model.list.good", "Whether the list of models is served as it is written", list::good);
        return new TurnoutServer(vertx, contexts, manager, list, edge, admin, list.start(traffic));
    }

    private static void requireHere(String key, Set<Device> named, Backends backends) {
        List<Device> missing = backends.missing(named);
        if (!missing.isEmpty()) {
            throw new StartException(key + " names devices that are not here: " + missing, true);
        }
    }

    private static DirectorySource source(ModelOrigin models) {
        return models instanceof ModelOrigin.Repository repository
                ? new DirectorySource(repository.root())
                : DirectorySource.withoutRepository();
    }

    private static Optional<ServingMeters> serving(TurnoutConfig config) {
        return config.metricsCompat().contains(TurnoutConfig.TENSORFLOW_SERVING)
                ? Optional.of(new ServingMeters(StatusNames::of))
                : Optional.empty();
    }

    private static EdgeServer listen(
            EdgeVertx edgeVertx,
            TurnoutConfig config,
            Rooms rooms,
            ModelManager manager,
            Ticker ticker,
            DecodePool pool,
            String version) {
        Services services =
                new Services(rooms.pipeline(), rooms.counters(), ticker, version, rooms.observe()::refusedAtTheDoor);
        boolean mayControl = config.repositoryControl();
        List<RestDoor> rest = new ArrayList<>();
        rest.add(new OipRest(services, manager, manager, mayControl, pool));
        rest.add(new TfsRest(services, manager, pool, config.edge().cors()));
        for (String path : config.metricsPaths()) {
            rest.add(new TextDoor(path, "text/plain; version=0.0.4; charset=utf-8", rooms::scrape, pool));
        }
        List<GrpcDoor> grpc = List.of(
                new OipGrpc(services, manager, manager, mayControl, pool),
                new TfsGrpc(services, manager, manager, mayControl, pool));
        Future<EdgeServer> started =
                EdgeServer.start(edgeVertx, config.edge(), rest, grpc, health(manager), ticker, pool);
        return await(started, "listen on " + config.edge().listen());
    }

    private static Health health(ModelManager manager) {
        return new Health(
                manager::isReady,
                () -> manager.models().stream().map(ModelStatus::name).collect(Collectors.toUnmodifiableSet()),
                name -> !manager.isDraining()
                        && manager.model(name)
                                .filter(model -> !model.available().isEmpty())
                                .isPresent());
    }

    private static AdminServer admin(
            Vertx vertx,
            TurnoutConfig config,
            EdgeConfig.Address address,
            Rooms rooms,
            ModelManager manager,
            TrafficControl traffic,
            ServedList list,
            List<Plugin> plugins,
            String version) {
        CacheView cache = () -> rooms.results().usage().entrySet().stream()
                .map(use -> new CacheView.Use(
                        use.getKey(),
                        use.getValue().entries(),
                        use.getValue().bytes(),
                        use.getValue().maxBytes()))
                .toList();
        AdminServer.Facts facts = new AdminServer.Facts(
                version, manager, traffic, plugins, cache, () -> ConfigView.of(config), list::conditions);
        return await(
                AdminServer.start(vertx, address.bindHost(), address.port(), Set.of(), facts),
                "listen on " + address + " (admin)");
    }

    /** Blocks the starting thread, which is none of Vert.x's. */
    private static <T> T await(Future<T> future, String what) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(LISTEN_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new StartException(
                    "cannot " + what + ": "
                            + Objects.requireNonNullElse(e.getCause(), e).getMessage(),
                    false);
        } catch (TimeoutException e) {
            throw new StartException("cannot " + what + ": it takes too long", false);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted", false);
        }
    }

    /** Workers for every device that a model might ask for. */
    private static Map<Device, DevicePool> pools(Vertx vertx, Ticker ticker, TurnoutConfig config, Backends backends) {
        Map<Device, DevicePool> pools = new HashMap<>();
        for (Device device : backends.devices()) {
            int turns = config.deviceThreads().getOrDefault(device, 1);
            // Twice as many spares: a few models in long runs must not hold up the others.
            pools.put(device, new DevicePool(vertx, ticker, device.toString(), turns, 2 * turns));
        }
        return pools;
    }

    /** Where the data port is, by its first address. */
    String url() {
        return edge.scheme() + "://" + edge.addresses().get(0);
    }

    /** Completes with what is served once every version wanted at first is available or has ended. */
    Future<Counts> ready() {
        return settled.map(done -> count(manager));
    }

    /** Says that it is not ready, waits for the grace, lets calls under way end, unloads everything. */
    Future<Void> drain(Duration grace, Duration timeout) {
        manager.beginDrain();
        list.close();
        Future<?> waited =
                grace.isZero() ? Future.succeededFuture() : vertx.timer(grace.toMillis(), TimeUnit.MILLISECONDS);
        return waited.compose(over -> edge.shutdown(timeout))
                .recover(e -> {
                    log.warn("the listeners did not close in order", e);
                    return Future.succeededFuture();
                })
                .compose(closed -> admin.map(AdminServer::close).orElse(Future.succeededFuture()))
                .recover(e -> Future.succeededFuture())
                .compose(closed ->
                        Future.any(manager.shutdown(), vertx.timer(timeout.toMillis(), TimeUnit.MILLISECONDS)))
                // Vert.x itself is left to the end of the process: its close completes on a thread that it has just
                // ended.
                .onComplete(done -> contexts.close())
                .mapEmpty();
    }

    private static Counts count(ModelManager manager) {
        int models = 0;
        int versions = 0;
        for (ModelStatus model : manager.models()) {
            int available = model.available().size();
            models += available > 0 ? 1 : 0;
            versions += available;
        }
        return new Counts(models, versions);
    }

    /** What is served. */
    record Counts(int models, int versions) {
        @Override
        public String toString() {
            return models + " models, " + versions + " versions";
        }
    }
}
