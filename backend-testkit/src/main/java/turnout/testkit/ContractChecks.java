package turnout.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static turnout.testkit.TensorAssert.assertThatTensor;

import java.nio.file.Path;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import turnout.spi.InferenceException;
import turnout.spi.Tensor;
import turnout.testkit.ContractModels.Example;

/** What {@link BackendContractTest} checks again and again. */
final class ContractChecks {
    private ContractChecks() {}

    static void assertAnswers(Example example, Map<String, Tensor> outputs) {
        assertThat(outputs.keySet()).isEqualTo(example.outputs().keySet());
        outputs.forEach((name, tensor) -> assertThatTensor(tensor).isSameAs(expected(example, name)));
    }

    static Tensor expected(Example example, String output) {
        Tensor tensor = example.outputs().get(output);
        if (tensor == null) {
            throw new AssertionError("the example has no output " + output);
        }
        return tensor;
    }

    /** Messages reach clients, who must not learn paths, addresses in memory or names of classes. */
    static void assertFitForClients(InferenceException failure, Path location) {
        assertThat(failure.getMessage())
                .isNotBlank()
                .hasSizeLessThanOrEqualTo(1000)
                .doesNotContain(location.toString())
                .doesNotContainPattern("(^|[\\s\"'(=])/[\\w.-]+/")
                .doesNotContainPattern("0x[0-9a-fA-F]{5,}")
                .doesNotContainPattern("\\b[a-z]+(\\.[a-z]\\w*)+\\.[A-Z]\\w+");
    }

    static InferenceException failure(ThrowingCallable action) {
        InferenceException failure = catchThrowableOfType(InferenceException.class, action);
        if (failure == null) {
            throw new AssertionError("expected an InferenceException, but it went well");
        }
        return failure;
    }

    static Tensor countingFrom(int start, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = start + i;
        }
        return Tensors.floats(values);
    }
}
