package turnout.gateway.cache;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import turnout.gateway.call.Answer;
import turnout.gateway.call.CacheOutcome;
import turnout.gateway.call.CachePolicy;
import turnout.gateway.call.Call;
import turnout.gateway.call.Next;
import turnout.gateway.call.Offload;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.gateway.call.Stage;
import turnout.spi.Cancellation;
import turnout.spi.Deadline;
import turnout.spi.Ticker;

/** Serves a remembered answer when the same question went to the same load of a version before, and runs one flight per question. */
public final class CacheStage implements Stage {
    /** Hashing so many bytes takes a noticeable part of a millisecond: more would hold up an event loop. */
    private static final long HEAVY_BYTES = 4L << 20;

    private final Vertx vertx;
    private final ResultCache results;
    private final Ticker ticker;
    private final Offload offload;
    private final Map<ResultKey, Flight> flights = new ConcurrentHashMap<>();

    public CacheStage(Vertx vertx, ResultCache results, Ticker ticker, Offload offload) {
        this.vertx = vertx;
        this.results = results;
        this.ticker = ticker;
        this.offload = offload;
    }

    @Override
    public Future<Answer> handle(Call call, Next next) {
        CachePolicy policy = call.routed().cachePolicy();
        if (policy == null) {
            return next.proceed(call);
        }
        return call.requireBound().bytes() > HEAVY_BYTES
                ? offload.run(() -> ResultKey.of(call, results.seed())).compose(key -> answer(call, next, key, policy))
                : answer(call, next, ResultKey.of(call, results.seed()), policy);
    }

    private Future<Answer> answer(Call call, Next next, ResultKey key, CachePolicy policy) {
        Answer kept = results.get(key, policy);
        if (kept != null) {
            call.record().cached(CacheOutcome.HIT);
            return Future.succeededFuture(kept);
        }
        Promise<Answer> waiter = ((VertxInternal) vertx).getOrCreateContext().promise();
        while (true) {
            Flight flight = new Flight();
            Flight other = flights.putIfAbsent(key, flight);
            Flight joined = other == null ? flight : other;
            if (!joined.join(waiter)) {
                // It landed between the look-up and the joining: its place is free now, or will be in a moment.
                flights.remove(key, joined);
                continue;
            }
            call.record().cached(other == null ? CacheOutcome.MISS : CacheOutcome.JOINED);
            Future<Answer> answer = watched(call, key, joined, waiter);
            if (other == null) {
                start(call, next, key, policy, flight);
            }
            return answer;
        }
    }

    /** The run itself: with the model's own deadline and no caller, so that the first one may leave like any other. */
    private void start(Call call, Next next, ResultKey key, CachePolicy policy, Flight flight) {
        Deadline deadline =
                Deadline.after(call.routed().defaultDeadline(), ticker).max(call.requireDeadline());
        next.proceed(call.detached(deadline, flight.cancellation()).toldOfRuns(flight::begin))
                .onComplete(
                        answer -> {
                            try {
                                results.put(key, policy, answer);
                            } finally {
                                // Whatever keeping it met: a flight that never landed would take in all later calls.
                                flights.remove(key, flight);
                                flight.land(answer, null);
                            }
                        },
                        failure -> {
                            flights.remove(key, flight);
                            flight.land(null, failure);
                        });
    }

    /** The waiter's own life: its deadline and its caller end its wait, not the flight. */
    private Future<Answer> watched(Call call, ResultKey key, Flight flight, Promise<Answer> waiter) {
        long millis = TimeUnit.NANOSECONDS.toMillis(call.requireDeadline().remainingNanos(ticker)) + 1;
        long timer = vertx.setTimer(
                Math.max(1, millis),
                id -> leave(
                        key,
                        flight,
                        waiter,
                        expired(flight, call.routed().version().model())));
        Cancellation.Registration registration =
                call.cancellation().onCancel(() -> leave(key, flight, waiter, new Refusal.CallerGone()));
        return waiter.future().onComplete(done -> {
            vertx.cancelTimer(timer);
            registration.close();
        });
    }

    /** What a client may do about it differs: a call that never ran may be sent again without doing anything twice. */
    private static Refusal expired(Flight flight, String model) {
        return flight.hasBegun()
                ? new Refusal.ExpiredInRun(model)
                : new Refusal.ExpiredBeforeRun("the deadline passed in the queue of model '" + model + "'");
    }

    private void leave(ResultKey key, Flight flight, Promise<Answer> waiter, Refusal refusal) {
        if (flight.leave(waiter)) {
            flights.remove(key, flight);
        }
        waiter.tryFail(new RefusedException(refusal));
    }
}
