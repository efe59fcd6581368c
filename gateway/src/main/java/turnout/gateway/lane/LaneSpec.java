package turnout.gateway.lane;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import turnout.gateway.call.CachePolicy;
import turnout.spi.Capability;
import turnout.spi.ModelVersion;
import turnout.spi.Signature;

/**
 * What a lane is opened over.
 *
 * @param version the loaded version
 * @param generation differs between any two loads
 * @param sessions one per device it runs on, each shared by the turns there; at least one
 * @param capabilities what its backend claims
 * @param batching how calls are joined
 * @param joinable names of the signatures whose calls may be joined
 * @param instances most turns at a time on each device
 * @param maxInFlight most calls at a time of each session of a non-blocking backend
 * @param deadline for calls that name none
 * @param cache leave to keep results, null when there is none
 * @param maxOutputBytes most bytes that one call's outputs may take
 */
public record LaneSpec(
        ModelVersion version,
        long generation,
        List<Session> sessions,
        Set<Capability> capabilities,
        BatchingConfig batching,
        Set<String> joinable,
        int instances,
        int maxInFlight,
        Duration deadline,
        @Nullable CachePolicy cache,
        long maxOutputBytes) {
    public LaneSpec {
        sessions = List.copyOf(sessions);
        if (sessions.isEmpty()) {
            throw new IllegalArgumentException("a lane needs a session");
        }
        capabilities = Set.copyOf(capabilities);
        joinable = Set.copyOf(joinable);
    }

    /** What its calls look like; the same in every session. */
    public Map<String, Signature> signatures() {
        return sessions.get(0).servable().signatures();
    }

    /** Most turns at a time, on all devices together. */
    int turns() {
        return instances * sessions.size();
    }

    boolean isNonBlocking() {
        return capabilities.contains(Capability.NON_BLOCKING);
    }
}
