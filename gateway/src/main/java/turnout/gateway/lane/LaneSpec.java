package turnout.gateway.lane;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import turnout.gateway.call.CachePolicy;
import turnout.spi.Capability;
import turnout.spi.Device;
import turnout.spi.ModelVersion;
import turnout.spi.Servable;

/**
 * What a lane is opened over.
 *
 * @param version the loaded version
 * @param generation differs between any two loads
 * @param servable its session, shared by all turns; stays loaded until the lane has drained
 * @param capabilities what its backend claims
 * @param device where it runs
 * @param batching how calls are joined
 * @param joinable names of the signatures whose calls may be joined
 * @param instances most turns at a time
 * @param maxInFlight most calls at a time of a non-blocking backend
 * @param deadline for calls that name none
 * @param cache leave to keep results, null when there is none
 * @param maxOutputBytes most bytes that one call's outputs may take
 */
public record LaneSpec(
        ModelVersion version,
        long generation,
        Servable servable,
        Set<Capability> capabilities,
        Device device,
        BatchingConfig batching,
        Set<String> joinable,
        int instances,
        int maxInFlight,
        Duration deadline,
        @Nullable CachePolicy cache,
        long maxOutputBytes) {
    public LaneSpec {
        capabilities = Set.copyOf(capabilities);
        joinable = Set.copyOf(joinable);
    }

    boolean isNonBlocking() {
        return capabilities.contains(Capability.NON_BLOCKING);
    }
}
