package turnout.gateway.lifecycle;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import turnout.gateway.lifecycle.ControlException.Reason;
import turnout.gateway.source.DirectorySource;
import turnout.spi.Buffers;
import turnout.spi.Ticker;

/**
 * All models: looks at the repository, hands each model what it sees, and shows the world a snapshot.
 *
 * <p>The snapshot may be read by any thread. Everything else is owned by the control thread.
 */
public final class ModelManager implements Catalog, ModelControl {
    private static final Logger log = LoggerFactory.getLogger(ModelManager.class);

    private final LifecycleConfig config;
    private final ControlThread control;
    private final Lookout lookout;
    private final Backends backends;
    private final Workshop shop;
    private final ExecutorService loads;
    private final ExecutorService looks;

    private volatile SortedMap<String, ModelStatus> snapshot = new TreeMap<>();
    private volatile SortedMap<String, SortedSet<Long>> others = Collections.emptySortedMap();
    private volatile boolean settled;
    private volatile boolean draining;

    // Owned by the control thread.
    private final SortedMap<String, ManagedModel> models = new TreeMap<>();
    private @Nullable Routing routing;
    private String lastProblem = "";
    private boolean stopped;

    /**
     * @param source the model repository; used by the manager's own thread from now on
     * @param reader reads each model's configuration
     * @param backends closed by {@link #shutdown}
     * @param lanes opens a lane over a version that is loaded and warm
     * @param recorded reads the requests recorded beside versions
     * @param buffers memory for trial runs
     * @param ticker measures trial runs
     */
    public ModelManager(
            LifecycleConfig config,
            ControlThread control,
            DirectorySource source,
            ModelConfigReader reader,
            Backends backends,
            LaneOpener lanes,
            RecordedCalls recorded,
            LoadListener listener,
            Buffers buffers,
            Ticker ticker) {
        this.config = config;
        this.control = control;
        this.lookout = new Lookout(source, reader);
        this.backends = backends;
        this.loads = threads("turnout-load-", config.loadThreads());
        this.looks = threads("turnout-lookout-", 1);
        VersionLoading loading = new VersionLoading(
                backends,
                new Warmup(buffers, ticker),
                new Replay(recorded, buffers, ticker),
                listener,
                ticker,
                config.cores());
        MemoryBudget budget =
                new MemoryBudget(config.memoryBudget(), config.deviceMemory(), () -> control.run(this::memoryFreed));
        this.shop = new Workshop(control, loads, loading, budget, lanes, config, new AtomicLong());
    }

    /**
     * Looks at the repository for the first time and goes on looking. Call once.
     *
     * @param writer told of every change
     * @return completes when every version that is wanted at first is available or has ended
     */
    public Future<Void> start(Routing writer) {
        return control.ask(() -> {
            routing = writer;
            return look(lookout::look).compose(sighting -> {
                apply(sighting);
                return begun();
            });
        });
    }

    /**
     * Serves these models instead of a repository's, and goes on looking at their directories. Call once. Labels may point at versions
     * that are not there: there is nothing yet that could be kept instead.
     *
     * @param writer told of every change
     * @return completes when every version that is wanted at first is available or has ended; fails when the list makes no sense
     */
    public Future<Void> start(Routing writer, List<ServedModel> wanted) {
        return control.ask(() -> {
            routing = writer;
            List<ServedModel> checked = ReloadCheck.check(wanted, backends::knows);
            Map<String, Path> paths = paths(checked);
            return look(() -> lookout.serve(paths)).compose(sighting -> {
                serve(checked, sighting);
                return begun();
            });
        });
    }

    private Future<Void> begun() {
        if (!config.pollInterval().isZero()) {
            lookAgain();
        }
        return settled(models.values()).onSuccess(done -> settled = true);
    }

    /**
     * Says whether a list of models makes sense, before it is served.
     *
     * @throws ControlException saying what is wrong with it
     */
    public void check(List<ServedModel> wanted) {
        ReloadCheck.check(wanted, backends::knows);
    }

    /** Routing changed its mind about a model: what it wants is loaded, and it is told the model's lanes again. */
    public Future<Void> refresh(String model) {
        return control.ask(() -> {
            known(model).evaluate();
            return Future.succeededFuture();
        });
    }

    /** Whether the repository holds that version, or it is loaded. Called on the control thread. */
    public boolean knows(String model, long version) {
        ManagedModel managed = models.get(model);
        return managed != null && managed.knows(version);
    }

    /** Not ready any more, although everything goes on. */
    public void beginDrain() {
        draining = true;
    }

    /** Unloads everything and closes the backends; completes when that is done. Nothing is loaded after it. */
    public Future<Void> shutdown() {
        draining = true;
        return control.ask(() -> {
            stopped = true;
            looks.shutdown();
            List<Future<Void>> empty = new ArrayList<>();
            models.values().forEach(model -> {
                model.unload();
                empty.add(model.whenEmpty());
            });
            return Future.join(empty).compose(done -> closeBackends());
        });
    }

    private Future<Void> closeBackends() {
        Promise<Void> closed = Promise.promise();
        loads.execute(() -> {
            backends.close();
            control.run(closed::complete);
        });
        loads.shutdown();
        return closed.future();
    }

    @Override
    public Optional<ModelStatus> model(String name) {
        return Optional.ofNullable(snapshot.get(name));
    }

    @Override
    public List<ModelStatus> models() {
        return List.copyOf(snapshot.values());
    }

    @Override
    public SortedMap<String, SortedSet<Long>> unserved() {
        SortedMap<String, SortedSet<Long>> unserved = new TreeMap<>(others);
        // One that was loaded by name since the last look, or is still on its way out, speaks for itself.
        unserved.keySet().removeAll(snapshot.keySet());
        return unserved;
    }

    /** Bytes that loaded versions, and those being loaded, may take by their own estimates. */
    public long loadedBytes() {
        return shop.budget().used();
    }

    /** Whether the server is about to end. */
    public boolean isDraining() {
        return draining;
    }

    @Override
    public boolean isReady() {
        return settled && !draining;
    }

    @Override
    public Future<Void> load(String name) {
        return control.ask(() -> look(() -> lookout.lookAt(name)).compose(seen -> {
            if (seen.isEmpty()) {
                throw new ControlException(
                        Reason.NOT_FOUND, "failed to load '" + name + "', failed to poll from model repository");
            }
            ManagedModel model = model(name, requireRouting());
            model.load(seen.get());
            return model.whenSettled().compose(done -> {
                Optional<String> problem = model.loadProblem();
                return problem.isEmpty()
                        ? Future.succeededFuture()
                        : Future.failedFuture(
                                new ControlException(Reason.FAILED, "failed to load '" + name + "', " + problem.get()));
            });
        }));
    }

    @Override
    public Future<Void> unload(String name) {
        return control.ask(() -> {
            ManagedModel model = models.get(name);
            if (model == null || model.isRemoved()) {
                throw new ControlException(Reason.NOT_FOUND, "failed to unload '" + name + "', there is no such model");
            }
            model.unload();
            return model.whenEmpty();
        });
    }

    @Override
    public Future<Void> reload(List<ServedModel> wanted) {
        return control.ask(() -> {
            List<ServedModel> checked = ReloadCheck.check(wanted, backends::knows);
            Map<String, Path> paths = paths(checked);
            return look(() -> lookout.tryOut(paths)).compose(found -> {
                if (config.labels() == LifecycleConfig.Labels.PRESENT) {
                    ReloadCheck.checkLabels(checked, found, this::isAvailable);
                }
                return look(() -> lookout.serve(paths)).compose(sighting -> serve(checked, sighting));
            });
        });
    }

    private static Map<String, Path> paths(List<ServedModel> wanted) {
        Map<String, Path> paths = new LinkedHashMap<>();
        wanted.forEach(model -> paths.put(model.name(), model.basePath()));
        return paths;
    }

    private Future<Void> serve(List<ServedModel> wanted, Lookout.Sighting sighting) {
        others = sighting.others();
        List<ManagedModel> fresh = new ArrayList<>();
        for (ServedModel served : wanted) {
            ManagedModel before = models.get(served.name());
            ManagedModel model = model(served.name(), requireRouting());
            if (before == null || before.isRemoved()) {
                fresh.add(model);
            }
            Lookout.Seen seen = sighting.models().get(served.name());
            if (seen != null) {
                model.serve(served, seen);
            }
        }
        models.values().stream()
                .filter(model -> !sighting.models().containsKey(model.name()))
                .forEach(ManagedModel::remove);
        return settled(fresh);
    }

    private void lookAgain() {
        control.after(config.pollInterval(), () -> look(lookout::look).onComplete(looked -> {
            if (looked.succeeded()) {
                apply(looked.result());
            }
            if (!stopped) {
                lookAgain();
            }
        }));
    }

    private void apply(Lookout.Sighting sighting) {
        String problem = sighting.problem().orElse("");
        if (!problem.equals(lastProblem)) {
            lastProblem = problem;
            if (!problem.isEmpty()) {
                log.warn("{}; what is served stays", problem);
            }
        }
        if (!problem.isEmpty()) {
            return;
        }
        others = sighting.others();
        sighting.models().forEach((name, seen) -> model(name, requireRouting()).observe(seen));
        models.values().stream()
                .filter(model -> !sighting.models().containsKey(model.name()))
                .filter(model -> !model.isRemoved())
                .forEach(ManagedModel::vanished);
    }

    private ManagedModel model(String name, Routing writer) {
        return models.computeIfAbsent(name, created -> new ManagedModel(created, shop, writer, this::published));
    }

    private void published(ManagedModel model) {
        SortedMap<String, ModelStatus> next = new TreeMap<>(snapshot);
        if (model.isOver()) {
            models.remove(model.name());
            requireRouting().drop(model.name());
            next.remove(model.name());
        } else {
            next.put(model.name(), model.status());
        }
        snapshot = next;
    }

    private void memoryFreed() {
        models.values().forEach(ManagedModel::memoryFreed);
    }

    private ManagedModel known(String name) {
        ManagedModel model = models.get(name);
        if (model == null) {
            throw new ControlException(Reason.NOT_FOUND, "there is no model '" + name + "'");
        }
        return model;
    }

    private boolean isAvailable(String name, long version) {
        ManagedModel model = models.get(name);
        return model != null && model.isAvailable(version);
    }

    private Routing requireRouting() {
        if (routing == null) {
            throw new ControlException(Reason.PRECONDITION, "the server is still starting");
        }
        return routing;
    }

    private static Future<Void> settled(Iterable<ManagedModel> models) {
        List<Future<Void>> settled = new ArrayList<>();
        models.forEach(model -> settled.add(model.whenSettled()));
        return Future.join(settled).mapEmpty();
    }

    /** Looks on the lookout's thread, and completes on the control thread. */
    private <T> Future<T> look(Supplier<T> question) {
        Promise<T> answer = Promise.promise();
        try {
            looks.execute(() -> {
                try {
                    T seen = question.get();
                    control.run(() -> answer.complete(seen));
                } catch (Throwable e) {
                    // Also an Error: an answer that never comes would end the polling for good.
                    log.error("looking at the repository broke", e);
                    control.run(() -> answer.fail(new ControlException(Reason.FAILED, "internal error")));
                }
            });
        } catch (RejectedExecutionException e) {
            answer.fail(new ControlException(Reason.FAILED, "the server is shutting down"));
        }
        return answer.future();
    }

    private static ExecutorService threads(String prefix, int count) {
        AtomicInteger number = new AtomicInteger();
        return Executors.newFixedThreadPool(count, task -> {
            Thread thread = new Thread(task, prefix + number.getAndIncrement());
            thread.setDaemon(true);
            return thread;
        });
    }
}
