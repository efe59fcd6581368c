package turnout.testkit;

import java.util.HexFormat;
import org.assertj.core.api.AbstractAssert;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;
import turnout.spi.DataType;
import turnout.spi.Shapes;
import turnout.spi.Tensor;

/** Assertions about tensors. */
public final class TensorAssert extends AbstractAssert<TensorAssert, Tensor> {
    private TensorAssert(Tensor actual) {
        super(actual, TensorAssert.class);
    }

    /** Starts an assertion; a tensor that is not there fails it. */
    public static TensorAssert assertThatTensor(@Nullable Tensor actual) {
        if (actual == null) {
            throw new AssertionError("expected a tensor, but there is none");
        }
        return new TensorAssert(actual);
    }

    /** It has that type. */
    public TensorAssert hasType(DataType type) {
        Assertions.assertThat(actual.type()).as(describe("type")).isEqualTo(type);
        return this;
    }

    /** It has exactly that shape. */
    public TensorAssert hasShape(long... shape) {
        Assertions.assertThat(actual.shape()).as(describe("shape")).isEqualTo(shape);
        return this;
    }

    /** Type, shape and every bit are the same. */
    public TensorAssert isSameAs(Tensor expected) {
        hasType(expected.type());
        hasShape(expected.shape());
        Assertions.assertThat(hex(actual)).as(describe("bytes")).isEqualTo(hex(expected));
        return this;
    }

    /** It is FP32 with those values, compared bit by bit but for the sign of zero. */
    public TensorAssert hasFloats(float... values) {
        hasType(DataType.FP32);
        Assertions.assertThat(Tensors.floatsOf(actual)).as(describe("values")).containsExactly(values);
        return this;
    }

    private String describe(String what) {
        return what + " of " + actual.type() + Shapes.text(actual.shape());
    }

    private static String hex(Tensor tensor) {
        return HexFormat.ofDelimiter(" ").formatHex(Tensors.bytes(tensor));
    }
}
