package turnout.spi;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One way to call a servable: named inputs and outputs, in the order in which they are shown.
 *
 * @param name {@link #DEFAULT} for the signature that calls without a name get
 * @param method TensorFlow's method name ({@code tensorflow/serving/predict}), {@link #PREDICT} for backends that know no methods
 * @param inputs by name
 * @param outputs by name
 * @param optionalInputs names of inputs that a call may leave out
 */
public record Signature(
        String name,
        String method,
        Map<String, TensorSpec> inputs,
        Map<String, TensorSpec> outputs,
        Set<String> optionalInputs) {
    /** The signature of a call that names none. */
    public static final String DEFAULT = "serving_default";

    /** Method name of plain prediction. */
    public static final String PREDICT = "tensorflow/serving/predict";

    public Signature {
        inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
        outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
        optionalInputs = Set.copyOf(optionalInputs);
    }

    /** A predict signature with those tensors, all inputs required. */
    public static Signature of(String name, List<TensorSpec> inputs, List<TensorSpec> outputs) {
        return new Signature(name, PREDICT, byName(inputs), byName(outputs), Set.of());
    }

    /** The input of that name, empty if there is none. */
    public Optional<TensorSpec> input(String input) {
        return Optional.ofNullable(inputs.get(input));
    }

    /** Whether every input and every output has one row per instance, so that calls might be joined along axis 0. */
    public boolean looksBatchable() {
        return !inputs.isEmpty()
                && inputs.values().stream().allMatch(TensorSpec::hasBatchAxis)
                && outputs.values().stream().allMatch(TensorSpec::hasBatchAxis);
    }

    private static Map<String, TensorSpec> byName(List<TensorSpec> specs) {
        Map<String, TensorSpec> map = new LinkedHashMap<>();
        for (TensorSpec spec : specs) {
            if (map.put(spec.name(), spec) != null) {
                throw new IllegalArgumentException("two tensors are called " + spec.name());
            }
        }
        return map;
    }
}
