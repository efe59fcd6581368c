package turnout.gateway.lifecycle;

import io.vertx.core.AsyncResult;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import turnout.gateway.lane.Lane;
import turnout.gateway.lane.LaneSpec;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.ModelVersion;

/**
 * One life of one version, from being wanted to being gone. {@link Step} says which steps there are and which may follow which.
 *
 * <p>Owned by the control thread: every method runs there. The work runs on load threads and comes back with its result.
 */
final class LoaderHarness {
    private static final Logger log = LoggerFactory.getLogger(LoaderHarness.class);
    /** Loads that one life tries before the version ends; whoever owns it begins another later. */
    private static final int ATTEMPTS = 3;

    private final VersionLoading.Order order;
    private final Workshop shop;
    private final Runnable changed;
    private final long generation;
    private final long triedBefore;

    private Step step = Step.START;
    private boolean unwanted;
    private int attempts;
    private boolean refusedMemory;
    private VersionStatus.@Nullable Failure failure;
    private VersionLoading.@Nullable Prepared prepared;
    private VersionLoading.@Nullable Loaded loaded;
    private MemoryBudget.@Nullable Reservation reservation;
    private @Nullable Lane lane;

    /**
     * Loads nothing yet.
     *
     * @param triedBefore loads that lives before this one tried of the same order: the limit on retries counts them all
     * @param changed told after each step, not from within one: it hands itself over to the control thread
     */
    LoaderHarness(VersionLoading.Order order, long triedBefore, Workshop shop, Runnable changed) {
        this.order = order;
        this.triedBefore = triedBefore;
        this.shop = shop;
        this.changed = changed;
        this.generation = shop.generations().incrementAndGet();
    }

    VersionLoading.Order order() {
        return order;
    }

    ModelVersion version() {
        return order.version();
    }

    /** Whether it is what the order asks for; a platform that is named now and was found by asking before is no change. */
    boolean satisfies(VersionLoading.Order other) {
        boolean samePlatform = other.platform() == null
                || other.platform().equals(order.platform())
                || (prepared != null && other.platform().equals(prepared.platform()));
        return samePlatform
                && order.files().equals(other.files())
                && order.settings().equals(other.settings());
    }

    Step step() {
        return step;
    }

    /** Whether it is neither available nor gone nor going. */
    boolean isComing() {
        return step.state() == State.START || step.state() == State.LOADING;
    }

    /** Whether it ended by a failure. */
    boolean failed() {
        return step == Step.END && failure != null;
    }

    /** Loads that were tried up to now, with those of former lives. A life that ended before its first load counts as one. */
    long tries() {
        return triedBefore + Math.max(1, attempts);
    }

    VersionStatus.@Nullable Failure failure() {
        return failure;
    }

    /** Whether it ended for want of memory that others may give back. */
    boolean refusedMemory() {
        return refusedMemory;
    }

    /** Its lane while it takes calls. */
    Optional<Lane> lane() {
        return step == Step.READY ? Optional.ofNullable(lane) : Optional.empty();
    }

    /** As others see it. */
    VersionStatus status() {
        boolean shows = step.state() == State.AVAILABLE || step.state() == State.UNLOADING;
        return new VersionStatus(
                order.version(),
                step.state(),
                failure,
                prepared == null ? "" : prepared.platform(),
                shows && lane != null ? lane.signatures() : Map.of(),
                step == Step.END || loaded == null ? List.of() : loaded.conditions());
    }

    /** Starts to load. */
    void request() {
        if (transition(Step.START, Step.REQUESTED)) {
            work(() -> shop.loading().prepare(order), this::prepared, this::fail);
        }
    }

    /** It is not wanted any more, before it ever took a call: it ends as soon as its work can be stopped. */
    void abandon() {
        unwanted = true;
        // Asked for memory and still REQUESTED: it waits until others give theirs back.
        if (step == Step.START || (step == Step.REQUESTED && prepared != null)) {
            end(step);
        }
    }

    /** Takes no new calls any more. The caller routes none to it before it goes on with {@link #drain}. */
    void withdraw() {
        if (transition(Step.READY, Step.DRAINING) && reservation != null) {
            reservation.leaves();
        }
    }

    /** Waits for its calls to end, then frees it. */
    void drain() {
        if (lane == null) {
            throw new IllegalStateException(order.version() + " has no lane to drain");
        }
        lane.drain().onComplete(done -> shop.control().run(() -> {
            if (transition(Step.DRAINING, Step.DRAINED) && transition(Step.DRAINED, Step.UNLOADING)) {
                unload();
            }
        }));
    }

    /** Some memory was given back: goes on if it waited for that. */
    void memoryFreed() {
        if (step == Step.REQUESTED && prepared != null) {
            approve(prepared);
        }
    }

    private void prepared(VersionLoading.Prepared result) {
        prepared = result;
        approve(result);
    }

    private void approve(VersionLoading.Prepared asked) {
        if (unwanted) {
            end(Step.REQUESTED);
            return;
        }
        MemoryNeed need = asked.need();
        MemoryBudget budget = shop.budget();
        if (budget.holds(need)) {
            reservation = budget.reserve(need);
            if (transition(Step.REQUESTED, Step.APPROVED) && transition(Step.APPROVED, Step.LOADING)) {
                load(asked);
            }
        } else if (!budget.couldHold(need) || !budget.expectsRelease(need)) {
            refusedMemory = budget.couldHold(need);
            fail(new InferenceException(ErrorCode.OUT_OF_MEMORY, budget.shortage(need)));
        }
    }

    private void load(VersionLoading.Prepared asked) {
        attempts++;
        Runnable warming = () -> shop.control().run(() -> transition(Step.LOADING, Step.WARMING));
        work(() -> shop.loading().load(asked, warming), this::loaded, this::loadFailed);
    }

    private void loadFailed(InferenceException e) {
        boolean again = e.code() == ErrorCode.UNAVAILABLE
                && attempts < ATTEMPTS
                && tries() <= shop.config().mostRetries()
                && step == Step.LOADING;
        if (again && !unwanted) {
            log.info("{} cannot be loaded yet: {}", order.version(), e.getMessage());
            shop.control().after(shop.config().retry(attempts), () -> {
                if (unwanted || prepared == null) {
                    fail(e);
                } else {
                    load(prepared);
                }
            });
        } else {
            fail(e);
        }
    }

    private void loaded(VersionLoading.Loaded result) {
        loaded = result;
        if (unwanted) {
            dismiss();
            return;
        }
        ModelConfig.LoadSettings settings = order.settings();
        shop.lanes()
                .open(new LaneSpec(
                        order.version(),
                        generation,
                        result.sessions(),
                        result.prepared().capabilities(),
                        settings.batching(),
                        result.joinable(),
                        result.instances(),
                        settings.maxInFlight(),
                        settings.deadline(),
                        settings.cache(),
                        settings.maxOutputBytes()))
                .onComplete(opened -> shop.control().run(() -> opened(opened)));
    }

    private void opened(AsyncResult<Lane> opened) {
        if (opened.failed()) {
            log.error("no lane could be opened for {}", order.version(), opened.cause());
            failure = new VersionStatus.Failure(ErrorCode.INTERNAL, "no lane could be opened");
            dismiss();
            return;
        }
        lane = opened.result();
        if (unwanted) {
            lane.drain().onComplete(done -> shop.control().run(this::dismiss));
        } else if (transition(Step.WARMING, Step.READY)) {
            log.info("{} is available", order.version());
        }
    }

    /** Frees a version that was loaded and never took a call. */
    private void dismiss() {
        if (reservation != null) {
            reservation.leaves();
        }
        if (transition(Step.WARMING, Step.UNLOADING)) {
            unload();
        }
    }

    private void unload() {
        VersionLoading.Loaded mine = loaded;
        if (mine == null) {
            end(Step.UNLOADING);
            return;
        }
        work(
                () -> {
                    shop.loading().unload(mine.copies());
                    return mine;
                },
                done -> end(Step.UNLOADING),
                failed -> end(Step.UNLOADING));
    }

    private void fail(InferenceException e) {
        log.warn("{} could not be loaded: {} {}", order.version(), e.code(), e.getMessage(), e.getCause());
        failure = new VersionStatus.Failure(e.code(), e.getMessage());
        end(step);
    }

    private void end(Step from) {
        if (reservation != null) {
            reservation.release();
        }
        transition(from, Step.END);
        if (loaded != null) {
            log.info("{} is unloaded", order.version());
        }
    }

    /** Does the work on a load thread and brings its result back. */
    private <T> void work(Supplier<T> work, Consumer<T> done, Consumer<InferenceException> failed) {
        shop.loads().execute(() -> {
            try {
                T result = work.get();
                shop.control().run(() -> done.accept(result));
            } catch (InferenceException e) {
                shop.control().run(() -> failed.accept(e));
            } catch (Throwable e) {
                // A plugin may throw any Error, and a version that nobody brings to its end holds its memory for ever.
                log.error("loading {} broke", order.version(), e);
                InferenceException broken = new InferenceException(ErrorCode.INTERNAL, "the backend broke", e);
                shop.control().run(() -> failed.accept(broken));
            }
        });
    }

    /** Goes one step on. A step that must not follow is a defect: it is logged, and the version ends. */
    boolean transition(Step from, Step to) {
        boolean right = step == from && from.next().contains(to);
        if (right) {
            step = to;
        } else {
            log.error("{} went from {} to {} while in {}: this must not happen", order.version(), from, to, step);
            failure = new VersionStatus.Failure(
                    ErrorCode.INTERNAL, "internal error: it went from " + from + " to " + to + " while in " + step);
            step = Step.END;
        }
        changed.run();
        return right;
    }
}
