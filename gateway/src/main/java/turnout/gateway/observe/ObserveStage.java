package turnout.gateway.observe;

import io.vertx.core.Future;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import turnout.gateway.call.Answer;
import turnout.gateway.call.Call;
import turnout.gateway.call.CallRecord;
import turnout.gateway.call.Dialect;
import turnout.gateway.call.Next;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.gateway.call.Stage;
import turnout.spi.ErrorCode;
import turnout.spi.Ticker;

/** The outermost stage: whatever becomes of a call, it is counted here, once. */
public final class ObserveStage implements Stage {
    private static final Logger log = LoggerFactory.getLogger(ObserveStage.class);

    private final List<AnswerListener> listeners;
    private final Ticker ticker;

    public ObserveStage(List<AnswerListener> listeners, Ticker ticker) {
        this.listeners = List.copyOf(listeners);
        this.ticker = ticker;
    }

    @Override
    public Future<Answer> handle(Call call, Next next) {
        return next.proceed(call)
                .onComplete(answer -> observed(call), failure -> refused(call, RefusedException.from(failure)));
    }

    private void refused(Call call, RefusedException failure) {
        Refusal refusal = failure.refusal();
        call.record().refused(refusal);
        if (refusal instanceof Refusal.Failed failed && failed.code() == ErrorCode.INTERNAL) {
            log.error("call {} met a defect", call.record().requestId(), failure);
        }
        observed(call);
    }

    private void observed(Call call) {
        observed(call.envelope().dialect(), call.record());
    }

    /** Counts a call that ended before it became one: its body or message could not be read. */
    public void refusedAtTheDoor(Dialect dialect, CallRecord record) {
        observed(dialect, record);
    }

    private void observed(Dialect dialect, CallRecord record) {
        long nanos = ticker.nanos() - record.startNanos();
        for (AnswerListener listener : listeners) {
            listener.answered(dialect, record, nanos);
        }
    }
}
