package turnout.gateway.call;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import turnout.spi.ModelVersion;
import turnout.spi.Signature;
import turnout.spi.Tensor;

/**
 * What a call gets back. Lives on the heap and is never written to again, so that cache and callers may share it.
 *
 * @param version the version that gave it
 * @param signature the signature that ran
 * @param outputs by name, in the order in which they were asked for
 * @param run the run that gave it
 */
public record Answer(ModelVersion version, Signature signature, Map<String, Tensor> outputs, RunFacts run) {
    public Answer {
        outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
    }

    /** Bytes of all outputs. */
    public long bytes() {
        long bytes = 0;
        for (Tensor tensor : outputs.values()) {
            bytes += tensor.byteSize();
        }
        return bytes;
    }
}
