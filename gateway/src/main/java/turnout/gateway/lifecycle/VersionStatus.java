package turnout.gateway.lifecycle;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import turnout.spi.ErrorCode;
import turnout.spi.ModelVersion;
import turnout.spi.Signature;

/**
 * One version as others see it.
 *
 * @param version which
 * @param state where it is in its life
 * @param failure why it ended, null unless it failed
 * @param platform the backend's platform, empty while it is not known
 * @param signatures by name; empty unless it is available (or unloading)
 * @param conditions sentences an operator should know ("signature mixed runs call by call: output total has no batch axis")
 */
public record VersionStatus(
        ModelVersion version,
        State state,
        @Nullable Failure failure,
        String platform,
        Map<String, Signature> signatures,
        List<String> conditions) {
    /** Why a version ended. */
    public record Failure(ErrorCode code, String message) {}

    /** Whether it takes calls. */
    public boolean isAvailable() {
        return state == State.AVAILABLE;
    }
}
