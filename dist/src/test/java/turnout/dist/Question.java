package turnout.dist;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import turnout.spi.DataType;
import turnout.spi.Tensor;

/**
 * One call, whichever door it goes through.
 *
 * @param version null for whichever the server picks
 * @param signature only TensorFlow Serving's doors can name it
 * @param outputs the type of each output, which one of the doors does not tell
 * @param key what the caller is dealt by, null for nothing
 */
record Question(
        String model,
        @Nullable Long version,
        String signature,
        Map<String, Tensor> inputs,
        Map<String, DataType> outputs,
        @Nullable String key) {
    static final String DEFAULT_SIGNATURE = "serving_default";

    static Question of(String model, Map<String, Tensor> inputs, Map<String, DataType> outputs) {
        return new Question(model, null, DEFAULT_SIGNATURE, inputs, outputs, null);
    }

    /** One input x, one output y, both FP32. */
    static Question xToY(String model, Tensor x) {
        return of(model, Map.of("x", x), Map.of("y", DataType.FP32));
    }

    Question model(String other) {
        return new Question(other, version, signature, inputs, outputs, key);
    }

    Question version(long number) {
        return new Question(model, number, signature, inputs, outputs, key);
    }

    Question signature(String name) {
        return new Question(model, version, name, inputs, outputs, key);
    }

    Question key(String unit) {
        return new Question(model, version, signature, inputs, outputs, unit);
    }
}
