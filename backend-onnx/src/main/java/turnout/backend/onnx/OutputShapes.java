package turnout.backend.onnx;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import turnout.spi.DataType;
import turnout.spi.InferenceException;
import turnout.spi.Tensor;
import turnout.spi.TensorSpec;

/**
 * Tells an output's shape before the run where the declarations allow it, so that the runtime can write straight into our buffer. A guess:
 * models may declare what is not so, and the runtime then refuses the buffer.
 */
final class OutputShapes {
    private static final long UNKNOWN = -1;

    private final SessionTensors tensors;

    OutputShapes(SessionTensors tensors) {
        this.tensors = tensors;
    }

    /** The sizes that the inputs give the model's named dimensions; one with two sizes is not in it. */
    Map<String, Long> namedSizes(Map<String, Tensor> inputs) {
        Map<String, Long> sizes = new HashMap<>();
        inputs.forEach((name, tensor) -> {
            List<String> dims = tensors.inputs().getOrDefault(name, List.of());
            for (int axis = 0; axis < Math.min(dims.size(), tensor.shape().length); axis++) {
                String dim = dims.get(axis);
                if (!dim.isEmpty()) {
                    sizes.merge(dim, tensor.shape()[axis], (a, b) -> a.equals(b) ? a : Long.valueOf(UNKNOWN));
                }
            }
        });
        return sizes;
    }

    /** Whether two inputs give one named dimension different sizes, which no model can mean. */
    boolean disagree(Map<String, Tensor> inputs) {
        return namedSizes(inputs).containsValue(UNKNOWN);
    }

    /** The shape that an output will have, empty if the declarations do not say. */
    Optional<long[]> predict(TensorSpec output, Map<String, Tensor> inputs, Map<String, Long> namedSizes) {
        if (output.hasUnknownRank() || output.type() == DataType.BYTES) {
            return Optional.empty();
        }
        long[] shape = output.shape();
        List<String> names = tensors.outputs().getOrDefault(output.name(), List.of());
        for (int axis = 0; axis < shape.length; axis++) {
            if (shape[axis] < 0) {
                String name = axis < names.size() ? names.get(axis) : "";
                @Nullable Long size = namedSizes.get(name);
                if (size != null) {
                    shape[axis] = size;
                } else {
                    shape[axis] = axis == 0 ? commonRows(inputs) : UNKNOWN;
                }
                if (shape[axis] < 0) {
                    return Optional.empty();
                }
            }
        }
        return Optional.of(shape);
    }

    /** Rows, where all inputs that have them agree. */
    private long commonRows(Map<String, Tensor> inputs) {
        long rows = UNKNOWN;
        for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
            TensorSpec spec = tensors.signature().input(input.getKey()).orElseThrow(this::unknownInput);
            if (spec.hasBatchAxis()) {
                if (rows >= 0 && rows != input.getValue().rows()) {
                    return UNKNOWN;
                }
                rows = input.getValue().rows();
            }
        }
        return rows;
    }

    private InferenceException unknownInput() {
        return InferenceException.invalidInput("an input is not of the signature");
    }
}
