package turnout.gateway.call;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import turnout.spi.Signature;
import turnout.spi.Tensor;

/**
 * Inputs that fit a signature.
 *
 * @param signature the signature that will run
 * @param inputs by name, in the signature's order, on the heap
 * @param outputs the outputs that are wanted, in order; never empty
 * @param loose whether a shape differs from the declared one: if the model then fails, the caller is to blame
 */
public record Bound(Signature signature, Map<String, Tensor> inputs, List<String> outputs, boolean loose) {
    public Bound {
        inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
        outputs = List.copyOf(outputs);
    }

    /** Rows of the call: the size of axis 0 where all inputs agree on it, else 1. */
    public long rows() {
        long rows = -1;
        for (Tensor tensor : inputs.values()) {
            if (tensor.shape().length == 0 || (rows >= 0 && tensor.shape()[0] != rows)) {
                return 1;
            }
            rows = tensor.shape()[0];
        }
        return rows < 0 ? 1 : rows;
    }

    /** Bytes of all inputs. */
    public long bytes() {
        long bytes = 0;
        for (Tensor tensor : inputs.values()) {
            bytes += tensor.byteSize();
        }
        return bytes;
    }
}
