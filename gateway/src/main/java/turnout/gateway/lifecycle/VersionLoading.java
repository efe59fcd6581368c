package turnout.gateway.lifecycle;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import turnout.gateway.lane.BatchingConfig;
import turnout.gateway.lane.Session;
import turnout.gateway.source.VersionFiles;
import turnout.spi.Capability;
import turnout.spi.Device;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.LoadRequest;
import turnout.spi.Loader;
import turnout.spi.ModelVersion;
import turnout.spi.OptionException;
import turnout.spi.Options;
import turnout.spi.ResourceEstimate;
import turnout.spi.Servable;
import turnout.spi.Signature;
import turnout.spi.Ticker;

/** The work of loading one version: blocks, and runs on load threads. Keeps nothing between calls. */
final class VersionLoading {
    private static final Logger log = LoggerFactory.getLogger(VersionLoading.class);
    /** Faster models gain by several runs at a time on one core each, slower ones by one run on all cores. */
    private static final Duration LIGHT = Duration.ofMillis(50);

    private final Backends backends;
    private final Warmup warmup;
    private final Replay replay;
    private final LoadListener listener;
    private final Ticker ticker;
    private final int cores;

    VersionLoading(Backends backends, Warmup warmup, Replay replay, LoadListener listener, Ticker ticker, int cores) {
        this.backends = backends;
        this.warmup = warmup;
        this.replay = replay;
        this.listener = listener;
        this.ticker = ticker;
        this.cores = cores;
    }

    /**
     * Finds the backend and asks how much memory it takes.
     *
     * @throws InferenceException when no backend can load it as it is configured
     */
    Prepared prepare(Order order) {
        String platform = order.platform;
        Backends.Entry entry = platform == null ? backends.claiming(order.files.location()) : backends.named(platform);
        List<Device> devices = order.settings.devices();
        for (Device device : devices) {
            if (!entry.backend().devices().contains(device)) {
                throw new InferenceException(
                        ErrorCode.UNSUPPORTED,
                        "the backend " + entry.platform() + " has no device " + device + " here; it has: "
                                + entry.backend().devices());
            }
        }
        Options options = order.settings.options(entry.platform(), candidate -> accepts(entry, candidate));
        Plan plan = plan(entry.backend().capabilities(), order.settings);
        List<Placement> placements = devices.stream()
                .map(device -> placement(entry, order, options, device, plan.threadsPerRun))
                .toList();
        return new Prepared(order, entry, options, plan, placements);
    }

    /**
     * Loads and warms, on one device after the other: what is wrong with the version shows before the second one is troubled.
     *
     * @param loaded told between the two
     * @throws InferenceException when it failed: then nothing is left behind, and it may be tried again with the same argument
     */
    Loaded load(Prepared prepared, Runnable loaded) {
        Copy first = timed(LoadListener.Phase.LOAD, prepared, () -> copy(prepared.placements.get(0)));
        List<Copy> copies = new ArrayList<>(List.of(first));
        Warmup.Learnt learnt;
        try {
            loaded.run();
            learnt = timed(LoadListener.Phase.WARMUP, prepared, () -> {
                List<String> replayed = replay(prepared, first.servable);
                return learn(prepared, first.servable).and(replayed);
            });
            if (!prepared.plan.measures || isLight(learnt)) {
                loadOthers(prepared, copies, learnt);
                int instances = prepared.plan.measures ? cores : prepared.plan.instances;
                return loaded(prepared, copies, instances, learnt);
            }
        } catch (InferenceException e) {
            unload(copies);
            throw usedUp(e);
        } catch (RuntimeException | Error e) {
            unload(copies);
            throw e;
        }
        unload(copies);
        return loadForOneRun(prepared, learnt);
    }

    private <T> T timed(LoadListener.Phase phase, Prepared prepared, Supplier<T> work) {
        long start = ticker.nanos();
        LoadListener.Outcome outcome = LoadListener.Outcome.FAILED;
        try {
            T result = work.get();
            outcome = LoadListener.Outcome.SUCCEEDED;
            return result;
        } finally {
            Duration took = Duration.ofNanos(ticker.nanos() - start);
            listener.ended(phase, prepared.order.version, prepared.order.files.location(), took, outcome);
        }
    }

    private void loadOthers(Prepared prepared, List<Copy> copies, Warmup.Learnt learnt) {
        for (Placement placement : prepared.placements.subList(1, prepared.placements.size())) {
            Copy copy = copy(placement);
            copies.add(copy);
            replay(prepared, copy.servable);
            warmAgain(copy.servable, learnt);
        }
    }

    /** Frees a version, on every device. */
    void unload(List<Copy> copies) {
        for (Copy copy : copies) {
            try {
                copy.loader.unload();
            } catch (RuntimeException | Error e) {
                log.error("a version did not unload cleanly from {}", copy.device, e);
            }
        }
    }

    private List<String> replay(Prepared prepared, Servable servable) {
        Order order = prepared.order;
        ModelConfig.Warm mode = order.settings.warmup();
        if (!mode.replays()) {
            return List.of();
        }
        Optional<List<String>> conditions = replay.run(
                order.version,
                servable,
                order.files.location(),
                order.settings.warmupIterations(),
                prepared.capabilities().contains(Capability.LOOSE_SHAPES));
        return conditions.orElseGet(() -> mode == ModelConfig.Warm.FILE
                ? List.of("it was not warmed: warmup is file, and there is no " + Replay.FILE)
                : List.of());
    }

    private Warmup.Learnt learn(Prepared prepared, Servable servable) {
        ModelConfig.LoadSettings settings = prepared.order.settings;
        BatchingConfig batching = settings.batching();
        if (prepared.isNonBlocking()) {
            // Warming it would load somebody else's server; it has its own batching, too.
            return Warmup.Learnt.nothing(List.of());
        }
        if (!settings.warmup().makesUp()) {
            boolean wouldJoin = batching.join() == BatchingConfig.Join.AUTO && batching.maxBatchRows() > 1;
            return Warmup.Learnt.nothing(
                    wouldJoin
                            ? List.of("calls are not joined: warmup is "
                                    + settings.warmup().name().toLowerCase(Locale.ROOT)
                                    + ", so nothing proved that they may be")
                            : List.of());
        }
        return warmup.run(servable, batching);
    }

    private static boolean isLight(Warmup.Learnt learnt) {
        return learnt.slowestNanos().isPresent() && learnt.slowestNanos().getAsLong() < LIGHT.toNanos();
    }

    /** One session with all cores instead of one whose runs have a core each. */
    private Loaded loadForOneRun(Prepared prepared, Warmup.Learnt learnt) {
        List<Copy> copies = new ArrayList<>();
        try {
            Device device = prepared.placements.get(0).device;
            Copy copy = copy(device, loader(prepared.entry, prepared.order, prepared.options, device, cores));
            copies.add(copy);
            replay(prepared, copy.servable);
            warmAgain(copy.servable, learnt);
            return loaded(prepared, copies, 1, learnt);
        } catch (InferenceException e) {
            unload(copies);
            throw usedUp(e);
        } catch (RuntimeException | Error e) {
            unload(copies);
            throw e;
        }
    }

    private void warmAgain(Servable servable, Warmup.Learnt learnt) {
        try {
            warmup.again(servable, learnt);
        } catch (InferenceException e) {
            if (Warmup.isDead(e)) {
                throw e;
            }
        }
    }

    /** The loader has loaded once, so it must not be asked again at once, as it would be for what is only away for now. */
    private static InferenceException usedUp(InferenceException e) {
        return e.code() == ErrorCode.UNAVAILABLE
                ? new InferenceException(ErrorCode.MODEL_FAILED, e.getMessage(), e)
                : e;
    }

    private static Loaded loaded(Prepared prepared, List<Copy> copies, int instances, Warmup.Learnt learnt) {
        BatchingConfig batching = prepared.order.settings.batching();
        Set<String> joinable = new LinkedHashSet<>();
        List<String> conditions = new ArrayList<>(learnt.conditions());
        switch (batching.join()) {
            case NEVER -> {}
            case AUTO -> joinable.addAll(learnt.joinable());
            case ALWAYS ->
                copies.get(0).servable.signatures().values().stream()
                        .filter(Signature::looksBatchable)
                        .map(Signature::name)
                        .forEach(joinable::add);
        }
        return new Loaded(prepared, copies, instances, joinable, conditions);
    }

    private Plan plan(Set<Capability> capabilities, ModelConfig.LoadSettings settings) {
        Integer asked = settings.instances();
        if (capabilities.contains(Capability.NON_BLOCKING)) {
            return new Plan(1, 1, false);
        }
        if (!capabilities.contains(Capability.CONCURRENT_RUNS)) {
            return new Plan(1, cores, false);
        }
        if (asked != null) {
            return new Plan(asked, Math.max(1, cores / asked), false);
        }
        boolean measures = settings.warmup().makesUp() && settings.devices().equals(List.of(Device.CPU)) && cores > 1;
        return new Plan(1, measures ? 1 : cores, measures);
    }

    private static Copy copy(Placement placement) {
        return copy(placement.device, placement.loader);
    }

    private static Copy copy(Device device, Loader loader) {
        return new Copy(device, loader, loader.load());
    }

    private static Placement placement(
            Backends.Entry entry, Order order, Options options, Device device, int threadsPerRun) {
        Loader loader = loader(entry, order, options, device, threadsPerRun);
        return new Placement(device, loader, loader.estimate());
    }

    private static Loader loader(Backends.Entry entry, Order order, Options options, Device device, int threadsPerRun) {
        return entry.backend()
                .loader(new LoadRequest(order.version, order.files.location(), options, device, threadsPerRun));
    }

    private static boolean accepts(Backends.Entry entry, Options options) {
        try {
            entry.provider().checkOptions(options);
            return true;
        } catch (OptionException e) {
            return false;
        }
    }

    /**
     * @param instances runs at a time, unless they are measured
     * @param threadsPerRun processor threads of one run at first
     * @param measures whether a measurement decides between many light runs and one heavy one
     */
    private record Plan(int instances, int threadsPerRun, boolean measures) {}

    /** What is to be loaded, and how. */
    record Order(
            ModelVersion version,
            VersionFiles files,
            @Nullable String platform,
            ModelConfig.LoadSettings settings) {}

    /** A device that the version is to be loaded on. */
    private record Placement(Device device, Loader loader, ResourceEstimate estimate) {}

    /**
     * The version on one device.
     *
     * @param loader whose unload frees it
     */
    record Copy(Device device, Loader loader, Servable servable) {}

    /** Ready to be loaded. */
    static final class Prepared {
        private final Order order;
        private final Backends.Entry entry;
        private final Options options;
        private final Plan plan;
        private final List<Placement> placements;

        private Prepared(Order order, Backends.Entry entry, Options options, Plan plan, List<Placement> placements) {
            this.order = order;
            this.entry = entry;
            this.options = options;
            this.plan = plan;
            this.placements = placements;
        }

        String platform() {
            return entry.platform();
        }

        /** The memory of all its sessions together. */
        MemoryNeed need() {
            long hostBytes = 0;
            Map<Device, Long> deviceBytes = new LinkedHashMap<>();
            for (Placement placement : placements) {
                hostBytes += placement.estimate.hostBytes();
                deviceBytes.put(placement.device, placement.estimate.deviceBytes());
            }
            return new MemoryNeed(hostBytes, deviceBytes);
        }

        Set<Capability> capabilities() {
            return entry.backend().capabilities();
        }

        private boolean isNonBlocking() {
            return capabilities().contains(Capability.NON_BLOCKING);
        }
    }

    /**
     * Loaded and warm.
     *
     * @param copies one per device
     * @param instances runs at a time on each
     * @param joinable signatures whose calls may be joined
     * @param conditions sentences an operator should know
     */
    record Loaded(Prepared prepared, List<Copy> copies, int instances, Set<String> joinable, List<String> conditions) {
        Loaded {
            copies = List.copyOf(copies);
            joinable = Set.copyOf(joinable);
            conditions = List.copyOf(conditions);
        }

        /** As a lane sees them. */
        List<Session> sessions() {
            return copies.stream()
                    .map(copy -> new Session(copy.device, copy.servable))
                    .toList();
        }
    }
}
