package turnout.spi;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One run: a call, or a batch of calls joined along axis 0.
 *
 * @param signature which signature to run
 * @param inputs by name, checked against the signature (names, types, shapes). Buffers are direct, 64-byte aligned and of exact length,
 *     valid until the returned stage completes; for {@link Capability#NON_BLOCKING} backends they are heap buffers
 * @param outputs which outputs are wanted, in order; never empty, each declared, none twice
 * @param parameters the caller's own parameters (String, Long, Double or Boolean), empty for joined batches
 * @param deadline when the last caller stops waiting
 * @param cancellation fires when the last caller has left
 */
public record InferenceRequest(
        Signature signature,
        Map<String, Tensor> inputs,
        List<String> outputs,
        Map<String, Object> parameters,
        Deadline deadline,
        Cancellation cancellation) {
    public InferenceRequest {
        inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
        outputs = List.copyOf(outputs);
        parameters = Map.copyOf(parameters);
    }
}
