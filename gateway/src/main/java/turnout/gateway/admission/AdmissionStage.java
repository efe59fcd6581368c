package turnout.gateway.admission;

import io.vertx.core.Future;
import java.util.concurrent.atomic.AtomicLong;
import turnout.gateway.call.Answer;
import turnout.gateway.call.Call;
import turnout.gateway.call.Next;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.gateway.call.Stage;
import turnout.spi.Deadline;
import turnout.spi.Ticker;

/** Refuses what would exceed the bounds, and what nobody waits for any more. */
public final class AdmissionStage implements Stage {
    private final AdmissionConfig config;
    private final Ticker ticker;
    private final AtomicLong calls = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    public AdmissionStage(AdmissionConfig config, Ticker ticker) {
        this.config = config;
        this.ticker = ticker;
    }

    /** Calls in flight now. */
    public long callsInFlight() {
        return calls.get();
    }

    /** Bytes of their requests. */
    public long bytesInFlight() {
        return bytes.get();
    }

    @Override
    public Future<Answer> handle(Call call, Next next) {
        Deadline deadline = call.deadline();
        if (deadline != null && deadline.isPast(ticker)) {
            return refuse(new Refusal.ExpiredBeforeRun("the deadline had passed on arrival"));
        }
        long size = call.envelope().bytes();
        boolean tooMany = calls.incrementAndGet() > config.calls();
        boolean tooMuch = bytes.addAndGet(size) > config.bytes();
        if (tooMany || tooMuch) {
            release(size);
            return refuse(new Refusal.Overloaded(
                    tooMany
                            ? "too many calls in flight, the limit is " + config.calls()
                            : "too many bytes in flight, the limit is " + config.bytes()));
        }
        return next.proceed(call).onComplete(done -> release(size));
    }

    private void release(long size) {
        calls.decrementAndGet();
        bytes.addAndGet(-size);
    }

    private static Future<Answer> refuse(Refusal refusal) {
        return Future.failedFuture(new RefusedException(refusal));
    }
}
