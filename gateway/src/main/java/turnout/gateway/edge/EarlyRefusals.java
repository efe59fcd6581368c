package turnout.gateway.edge;

import turnout.gateway.call.CallRecord;
import turnout.gateway.call.Dialect;

/** Hears of inference calls that a door refused itself, so that no stage saw them. */
@FunctionalInterface
public interface EarlyRefusals {
    /**
     * Counts one.
     *
     * @param record with its refusal
     */
    void refused(Dialect dialect, CallRecord record);
}
