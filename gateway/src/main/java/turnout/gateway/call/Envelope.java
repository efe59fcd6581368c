package turnout.gateway.call;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import turnout.spi.Deadline;

/**
 * What the edge reads of a call before it knows the model.
 *
 * @param dialect the door it came in by
 * @param model the model's name, decoded once; a client's word, to be looked up and nothing else
 * @param selector which version
 * @param signature which signature, null for the default one
 * @param outputs which outputs are wanted, in order; empty for all
 * @param parameters the caller's own parameters that are meant for the model
 * @param key what the caller wants to be dealt by ({@code x-turnout-key}), null when each call stands alone
 * @param deadline when the caller stops waiting, null when it did not say
 * @param bytes size of the request, for the bound on bytes in flight
 */
public record Envelope(
        Dialect dialect,
        String model,
        VersionSelector selector,
        @Nullable String signature,
        List<String> outputs,
        Map<String, Object> parameters,
        @Nullable String key,
        @Nullable Deadline deadline,
        long bytes) {
    public Envelope {
        outputs = List.copyOf(outputs);
        parameters = Map.copyOf(parameters);
    }
}
