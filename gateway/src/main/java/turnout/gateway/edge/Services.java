package turnout.gateway.edge;

import turnout.gateway.call.Pipeline;
import turnout.gateway.call.StatisticsSource;
import turnout.spi.Ticker;

/**
 * What every door needs besides the catalog.
 *
 * @param pipeline where inference calls go
 * @param statistics counters per version
 * @param ticker the clock of deadlines
 * @param version of this server, for metadata
 */
public record Services(Pipeline pipeline, StatisticsSource statistics, Ticker ticker, String version) {}
