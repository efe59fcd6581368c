package turnout.gateway.call;

import java.util.Optional;
import turnout.spi.ModelVersion;

/** Where the dialects read statistics. Safe for any thread. */
@FunctionalInterface
public interface StatisticsSource {
    /** The counters of a version, empty if it never was available. */
    Optional<VersionStatistics> of(ModelVersion version);
}
