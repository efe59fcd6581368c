package turnout.gateway.edge;

import turnout.gateway.call.CallRecord;
import turnout.gateway.call.Dialect;
import turnout.gateway.call.Pipeline;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.StatisticsSource;
import turnout.spi.Ticker;

/**
 * What every door needs besides the catalog.
 *
 * @param pipeline where inference calls go
 * @param statistics counters per version
 * @param ticker the clock of deadlines
 * @param version of this server, for metadata
 * @param early counts what the doors themselves refuse
 */
public record Services(
        Pipeline pipeline, StatisticsSource statistics, Ticker ticker, String version, EarlyRefusals early) {
    /** Without anybody who counts what the doors themselves refuse. */
    public Services(Pipeline pipeline, StatisticsSource statistics, Ticker ticker, String version) {
        this(pipeline, statistics, ticker, version, (dialect, record) -> {});
    }

    /** An inference call failed. Counts it unless the pipeline has seen it, and so has counted it. */
    public void refused(Dialect dialect, CallRecord record, Refusal refusal) {
        if (record.refusal() == null && record.version() == null) {
            record.refused(refusal);
            early.refused(dialect, record);
        }
    }
}
