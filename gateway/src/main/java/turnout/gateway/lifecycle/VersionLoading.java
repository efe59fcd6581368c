package turnout.gateway.lifecycle;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import turnout.gateway.lane.BatchingConfig;
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

/** The work of loading one version: blocks, and runs on load threads. Keeps nothing between calls. */
final class VersionLoading {
    private static final Logger log = LoggerFactory.getLogger(VersionLoading.class);
    /** Faster models gain by several runs at a time on one core each, slower ones by one run on all cores. */
    private static final Duration LIGHT = Duration.ofMillis(50);

    private final Backends backends;
    private final Warmup warmup;
    private final Replay replay;
    private final int cores;

    VersionLoading(Backends backends, Warmup warmup, Replay replay, int cores) {
        this.backends = backends;
        this.warmup = warmup;
        this.replay = replay;
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
        Device device = order.settings.device();
        if (!entry.backend().devices().contains(device)) {
            throw new InferenceException(
                    ErrorCode.UNSUPPORTED,
                    "the backend " + entry.platform() + " has no device " + device + " here; it has: "
                            + entry.backend().devices());
        }
        Options options = order.settings.options(entry.platform(), candidate -> accepts(entry, candidate));
        Plan plan = plan(entry.backend().capabilities(), order.settings);
        Loader loader = loader(entry, order, options, device, plan.threadsPerRun);
        return new Prepared(order, entry, device, options, plan, loader, loader.estimate());
    }

    /**
     * Loads and warms.
     *
     * @param loaded told between the two
     * @throws InferenceException when it failed: then nothing is left behind, and it may be tried again with the same argument
     */
    Loaded load(Prepared prepared, Runnable loaded) {
        Servable servable = prepared.loader.load();
        Warmup.Learnt learnt;
        try {
            loaded.run();
            List<String> replayed = replay(prepared, servable);
            learnt = learn(prepared, servable).and(replayed);
            if (!prepared.plan.measures || isLight(learnt)) {
                int instances = prepared.plan.measures ? cores : prepared.plan.instances;
                return loaded(prepared, prepared.loader, servable, instances, learnt);
            }
        } catch (InferenceException e) {
            unload(prepared.loader);
            throw usedUp(e);
        } catch (RuntimeException | Error e) {
            unload(prepared.loader);
            throw e;
        }
        unload(prepared.loader);
        return loadForOneRun(prepared, learnt);
    }

    /** Frees a version. */
    void unload(Loader loader) {
        try {
            loader.unload();
        } catch (RuntimeException | Error e) {
            log.error("a version did not unload cleanly", e);
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
        Loader loader = loader(prepared.entry, prepared.order, prepared.options, prepared.device, cores);
        Servable servable;
        try {
            servable = loader.load();
        } catch (InferenceException e) {
            throw usedUp(e);
        }
        try {
            replay(prepared, servable);
            warmAgain(servable, learnt);
            return loaded(prepared, loader, servable, 1, learnt);
        } catch (InferenceException e) {
            unload(loader);
            throw usedUp(e);
        } catch (RuntimeException | Error e) {
            unload(loader);
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

    private static Loaded loaded(
            Prepared prepared, Loader loader, Servable servable, int instances, Warmup.Learnt learnt) {
        BatchingConfig batching = prepared.order.settings.batching();
        Set<String> joinable = new LinkedHashSet<>();
        List<String> conditions = new ArrayList<>(learnt.conditions());
        switch (batching.join()) {
            case NEVER -> {}
            case AUTO -> joinable.addAll(learnt.joinable());
            case ALWAYS ->
                servable.signatures().values().stream()
                        .filter(Signature::looksBatchable)
                        .map(Signature::name)
                        .forEach(joinable::add);
        }
        return new Loaded(prepared, loader, servable, instances, joinable, conditions);
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
        boolean measures = settings.warmup().makesUp() && settings.device().isCpu() && cores > 1;
        return new Plan(1, measures ? 1 : cores, measures);
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

    /** Ready to be loaded. */
    static final class Prepared {
        private final Order order;
        private final Backends.Entry entry;
        private final Device device;
        private final Options options;
        private final Plan plan;
        private final Loader loader;
        private final ResourceEstimate estimate;

        private Prepared(
                Order order,
                Backends.Entry entry,
                Device device,
                Options options,
                Plan plan,
                Loader loader,
                ResourceEstimate estimate) {
            this.order = order;
            this.entry = entry;
            this.device = device;
            this.options = options;
            this.plan = plan;
            this.loader = loader;
            this.estimate = estimate;
        }

        String platform() {
            return entry.platform();
        }

        Device device() {
            return device;
        }

        ResourceEstimate estimate() {
            return estimate;
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
     * @param loader whose unload frees it
     * @param instances runs at a time
     * @param joinable signatures whose calls may be joined
     * @param conditions sentences an operator should know
     */
    record Loaded(
            Prepared prepared,
            Loader loader,
            Servable servable,
            int instances,
            Set<String> joinable,
            List<String> conditions) {
        Loaded {
            joinable = Set.copyOf(joinable);
            conditions = List.copyOf(conditions);
        }
    }
}
