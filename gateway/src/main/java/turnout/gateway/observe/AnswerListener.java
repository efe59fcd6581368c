package turnout.gateway.observe;

import turnout.gateway.call.CallRecord;
import turnout.gateway.call.Dialect;

/** Hears of each call when it has ended, well or not. Called on the calls' contexts; must be quick and safe for any thread. */
public interface AnswerListener {
    /**
     * A call ended.
     *
     * @param nanos time from its head to its end
     */
    void answered(Dialect dialect, CallRecord record, long nanos);
}
