package turnout.gateway.lane;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.internal.ContextInternal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import turnout.gateway.call.Answer;
import turnout.gateway.call.Call;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.gateway.call.RunFacts;
import turnout.gateway.call.RunListener;
import turnout.gateway.call.RunListener.Exit;
import turnout.gateway.device.Turn;
import turnout.gateway.device.Turnstile;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.Tensor;
import turnout.spi.Ticker;

/**
 * The owner of one lane: its context guards the queue, the running batches and the counters.
 *
 * <p>A call leaves in one of five ways ({@link Exit}): in a batch, expired, cancelled, refused at the door, or failed. Batches are formed
 * when a turn at the device is granted, not before, so that everybody who came until then rides along.
 */
final class BackendVerticle extends VerticleBase {
    private final LaneSpec spec;
    private final Ticker ticker;
    private final RunListener listener;
    private final BatchAssembler assembler;
    private final Turns turns;

    // Touched only on the verticle's context.
    private final BatchQueue queue;
    private final BatchLimit limit;
    private final ServiceTimes times = new ServiceTimes();
    private long batches;
    private int running;
    private @Nullable Turnstile turnstile;
    private boolean delayTimerRuns;
    private @Nullable Promise<Void> idle;

    /** Where turns come from: the device's pool, or a plain count for backends that do not block. */
    @FunctionalInterface
    interface Turns {
        Turnstile enroll(Consumer<Turn> granted);
    }

    BackendVerticle(LaneSpec spec, Ticker ticker, RunListener listener, BatchAssembler assembler, Turns turns) {
        this.spec = spec;
        this.ticker = ticker;
        this.listener = new QuietListener(listener);
        this.assembler = assembler;
        this.turns = turns;
        this.queue = new BatchQueue(spec.batching());
        this.limit = new BatchLimit(spec.batching());
    }

    @Override
    public Future<?> start() {
        turnstile = turns.enroll(turn -> onContext(() -> granted(turn)));
        return Future.succeededFuture();
    }

    @Override
    public Future<?> stop() {
        requireTurnstile().leave();
        return Future.succeededFuture();
    }

    /** Runs it on this lane's context: at once when called from its event loop. */
    void onContext(Runnable task) {
        ((ContextInternal) context).execute(task);
    }

    /** Completes when nothing waits or runs any more. */
    Future<Void> idle() {
        Promise<Void> promise = Promise.promise();
        idle = promise;
        announceIdle();
        return promise.future();
    }

    /** Takes a bound call in, or refuses it at once; the promise is kept whatever happens. */
    void submit(Call call, Promise<Answer> promise) {
        try {
            enter(call, promise);
        } catch (RuntimeException e) {
            promise.tryFail(RefusedException.from(e));
        }
    }

    private void enter(Call call, Promise<Answer> promise) {
        boolean joinable =
                spec.joinable().contains(call.requireBound().signature().name());
        Pending pending = new Pending(
                call.requireBound(),
                call.envelope().parameters(),
                call.requireDeadline(),
                promise,
                ticker.nanos(),
                BucketKey.of(call.requireBound(), call.envelope().parameters(), joinable));
        Optional<Refusal.QueueFull.Unit> full = queue.full(pending);
        if (call.cancellation().isCancelled()) {
            leave(pending, Exit.CANCELLED, new Refusal.CallerGone());
        } else if (pending.deadline.isPast(ticker)) {
            leave(pending, Exit.EXPIRED, new Refusal.ExpiredBeforeRun("the deadline had passed on arrival"));
        } else if (full.isPresent()) {
            leave(pending, Exit.REFUSED, queueFull(full.get()));
        } else {
            queue.add(pending);
            long millis = TimeUnit.NANOSECONDS.toMillis(pending.deadline.remainingNanos(ticker)) + 1;
            pending.timed(vertx.setTimer(Math.max(1, millis), id -> expired(pending)));
            pending.watched(call.cancellation().onCancel(() -> onContext(() -> abandoned(pending))));
            pump();
        }
    }

    private Refusal.QueueFull queueFull(Refusal.QueueFull.Unit unit) {
        String model = spec.version().model();
        BatchingConfig batching = spec.batching();
        return switch (unit) {
            case ROWS -> new Refusal.QueueFull(model, queue.waitingRows(), batching.maxQueuedRows(), unit);
            case BYTES -> new Refusal.QueueFull(model, queue.waitingBytes(), batching.maxQueuedBytes(), unit);
        };
    }

    /** Rows that wait; for any thread. */
    long waitingRows() {
        return queue.waitingRows();
    }

    /** Bytes of inputs that wait; for any thread. */
    long waitingBytes() {
        return queue.waitingBytes();
    }

    private void pump() {
        if (queue.isEmpty()) {
            announceIdle();
            return;
        }
        long now = ticker.nanos();
        OptionalLong readyAt = queue.readyAt(limit.rows(), now);
        if (readyAt.isEmpty()) {
            return;
        }
        long wait = readyAt.getAsLong() - now;
        if (wait <= 0) {
            requireTurnstile().want();
        } else if (!delayTimerRuns) {
            delayTimerRuns = true;
            vertx.setTimer(Math.max(1, TimeUnit.NANOSECONDS.toMillis(wait)), id -> {
                delayTimerRuns = false;
                pump();
            });
        }
    }

    private void granted(Turn turn) {
        List<Pending> calls = takeInTime();
        if (calls.isEmpty()) {
            // Not from within the grant: where the calls of a thousand lanes have left, each would hand the turn on,
            // down one stack.
            context.runOnContext(later -> {
                turn.end();
                pump();
            });
            return;
        }
        start(turn, calls);
        pump();
    }

    private void start(Turn turn, List<Pending> calls) {
        long now = ticker.nanos();
        Batch batch = new Batch(++batches, calls);
        for (Pending call : calls) {
            call.started(batch, now);
            listener.left(spec.version(), Exit.BATCHED);
        }
        times.started(batch.rows());
        running++;
        BatchRun run = new BatchRun(spec, assembler, ticker, batch, result -> ended(turn, batch, result));
        try {
            turn.run(run::run);
        } catch (RuntimeException | Error e) {
            // No worker took it: the device closes, or there are no more threads.
            run.failed(e);
        }
    }

    private void ended(Turn turn, Batch batch, BatchRun.Result result) {
        try {
            // Before the turn ends, which may start the next batch: answers go out first.
            onContext(() -> finished(batch, result));
        } finally {
            turn.end();
        }
    }

    /** The next batch, without the calls that could not be answered in time any more. */
    private List<Pending> takeInTime() {
        while (true) {
            List<Pending> calls = queue.take(limit.rows(), ticker.nanos());
            if (calls.isEmpty()) {
                return calls;
            }
            List<Pending> inTime = new ArrayList<>(calls.size());
            long rows = calls.stream().mapToLong(call -> call.rows).sum();
            for (Pending call : calls) {
                if (call.deadline.remainingNanos(ticker) > times.least(rows)) {
                    inTime.add(call);
                } else {
                    times.refused(rows);
                    settle(
                            call,
                            Exit.EXPIRED,
                            new Refusal.ExpiredBeforeRun("the deadline cannot be met any more after "
                                    + millis(ticker.nanos() - call.arrivedNanos) + " ms in the queue of model '"
                                    + spec.version().model() + "'"));
                }
            }
            if (!inTime.isEmpty()) {
                return inTime;
            }
        }
    }

    private void finished(Batch batch, BatchRun.Result result) {
        running--;
        InferenceException failure = result.failure();
        listener.executed(
                spec.version(),
                new RunListener.Execution(
                        batch.rows(),
                        result.ranRows(),
                        batch.calls().size(),
                        result.inputNanos(),
                        result.inferNanos(),
                        result.outputNanos(),
                        failure == null));
        if (failure == null && result.outputs() != null) {
            answer(batch, result, result.outputs());
        } else if (failure != null) {
            fail(batch, failure);
        }
        pump();
        announceIdle();
    }

    private void answer(Batch batch, BatchRun.Result result, List<Map<String, Tensor>> outputs) {
        long now = ticker.nanos();
        times.ran(batch.rows(), result.inputNanos() + result.inferNanos() + result.outputNanos());
        long slowest = 0;
        for (int i = 0; i < batch.calls().size(); i++) {
            Pending call = batch.calls().get(i);
            slowest = Math.max(slowest, now - call.arrivedNanos);
            if (call.batch() != batch) {
                continue;
            }
            RunFacts facts = new RunFacts(call.queueNanos(), result.inferNanos(), batch.id(), batch.rows());
            finish(call);
            call.promise.tryComplete(new Answer(spec.version(), call.bound.signature(), outputs.get(i), facts));
        }
        limit.observed(batch.rows(), slowest);
    }

    private void fail(Batch batch, InferenceException failure) {
        boolean mayBeOneCallsFault = batch.calls().size() > 1 && mayDoBetterAlone(failure.code());
        // Backwards, so that the calls stand at the head of the queue in their old order.
        for (int i = batch.calls().size() - 1; i >= 0; i--) {
            Pending call = batch.calls().get(i);
            if (call.batch() != batch) {
                continue;
            }
            if (mayBeOneCallsFault) {
                // One bad row, or one large one, must not fail its neighbours: each runs by itself once more.
                call.isolated();
                queue.addFirst(call);
            } else {
                settle(call, Exit.FAILED, refusal(call, failure));
            }
        }
    }

    private static boolean mayDoBetterAlone(ErrorCode code) {
        return switch (code) {
            case MODEL_FAILED, INVALID_INPUT, OUT_OF_MEMORY -> true;
            case UNSUPPORTED, UNAVAILABLE, DEADLINE, CANCELLED, INTERNAL -> false;
        };
    }

    private Refusal refusal(Pending call, InferenceException failure) {
        return switch (failure.code()) {
            case DEADLINE -> new Refusal.ExpiredInRun(spec.version().model());
            case CANCELLED -> new Refusal.CallerGone();
            case MODEL_FAILED ->
                call.bound.loose()
                        // Its shapes were not the declared ones: the caller was let try, and it did not work.
                        ? new Refusal.Failed(ErrorCode.INVALID_INPUT, failure.getMessage())
                        : new Refusal.Failed(ErrorCode.MODEL_FAILED, failure.getMessage());
            default -> new Refusal.Failed(failure.code(), failure.getMessage());
        };
    }

    private void expired(Pending call) {
        if (call.isWaiting()) {
            queue.remove(call);
            settle(
                    call,
                    Exit.EXPIRED,
                    new Refusal.ExpiredBeforeRun("the deadline passed after "
                            + millis(ticker.nanos() - call.arrivedNanos) + " ms in the queue of model '"
                            + spec.version().model() + "'"));
            pump();
        } else if (call.isRunning()) {
            left(call, new Refusal.ExpiredInRun(spec.version().model()));
        }
    }

    private void abandoned(Pending call) {
        if (call.isWaiting()) {
            queue.remove(call);
            settle(call, Exit.CANCELLED, new Refusal.CallerGone());
            pump();
        } else if (call.isRunning()) {
            left(call, new Refusal.CallerGone());
        }
    }

    /** A caller leaves a running batch, which goes on while anybody else waits for it. */
    private void left(Pending call, Refusal refusal) {
        Batch batch = call.batch();
        finish(call);
        call.promise.tryFail(new RefusedException(refusal));
        if (batch != null) {
            batch.callerLeft();
        }
    }

    private void settle(Pending call, Exit exit, Refusal refusal) {
        finish(call);
        leave(call, exit, refusal);
    }

    private void leave(Pending call, Exit exit, Refusal refusal) {
        listener.left(spec.version(), exit);
        call.promise.tryFail(new RefusedException(refusal));
    }

    private void finish(Pending call) {
        if (call.timer() >= 0) {
            vertx.cancelTimer(call.timer());
        }
        call.done();
    }

    private void announceIdle() {
        if (idle != null && running == 0 && queue.isEmpty()) {
            idle.tryComplete();
        }
    }

    private Turnstile requireTurnstile() {
        if (turnstile == null) {
            throw new IllegalStateException("the lane has not started");
        }
        return turnstile;
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }
}
