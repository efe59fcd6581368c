package turnout.gateway.observe;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import turnout.gateway.call.CallRecord;
import turnout.gateway.call.Dialect;
import turnout.gateway.call.Refusal;
import turnout.spi.ModelVersion;

/** One structured line per call, at DEBUG for answers and INFO for the gateway's and backends' failures. */
public final class AccessLog implements AnswerListener {
    private static final Logger log = LoggerFactory.getLogger("turnout.access");

    @Override
    public void answered(Dialect dialect, CallRecord record, long nanos) {
        Refusal refusal = record.refusal();
        boolean isNews = refusal != null
                && switch (refusal.blame()) {
                    case BACKEND, GATEWAY -> true;
                    case CALLER, CAPACITY, NOBODY -> false;
                };
        if (!isNews && !log.isDebugEnabled()) {
            return;
        }
        LoggingEventBuilder line = isNews ? log.atInfo() : log.atDebug();
        ModelVersion version = record.version();
        line.addKeyValue("request_id", record.requestId())
                .addKeyValue("dialect", dialect.tag())
                .addKeyValue("model", version == null ? "" : version.model())
                .addKeyValue("version", version == null ? "" : version.number())
                .addKeyValue("cache", record.cache().tag())
                .addKeyValue("rows", record.rows())
                .addKeyValue("batch_rows", record.run().batchRows())
                .addKeyValue("queue_micros", record.run().queueNanos() / 1000)
                .addKeyValue("compute_micros", record.run().computeNanos() / 1000)
                .addKeyValue("micros", nanos / 1000)
                .addKeyValue("code", refusal == null ? "OK" : refusal.kind().name())
                .log(refusal == null ? "answered" : refusal.message());
    }
}
