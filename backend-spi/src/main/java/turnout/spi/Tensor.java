package turnout.spi;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A typed n-dimensional array: row-major, little-endian, in one read-only buffer.
 *
 * <p>{@link DataType#BYTES} elements lie one after the other, each as an unsigned 32-bit little-endian length and so many bytes (the
 * binary form of the Open Inference Protocol), so that joining along axis 0 is concatenation.
 *
 * <p>A tensor does not own its memory: whoever hands one over says how long it stays valid. Shape and buffer must not be written to.
 * Equality is identity of the record's parts; compare contents with {@link #data()}.
 */
@SuppressWarnings("ArrayRecordComponent") // documented: never written to, never compared
public record Tensor(DataType type, long[] shape, ByteBuffer data) {
    /**
     * @param type element type
     * @param shape dimensions, none negative; empty for a scalar
     * @param data the bytes from position to limit, exactly as many as type and shape ask for; kept as a read-only little-endian view
     * @throws InferenceException {@link ErrorCode#INVALID_INPUT} when the bytes do not match type and shape
     */
    public Tensor {
        data = data.slice().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
        if (type.isFixedWidth()) {
            int wanted = Shapes.byteSize(type, shape);
            if (data.remaining() != wanted) {
                throw InferenceException.invalidInput("expected " + wanted + " bytes for shape " + Shapes.text(shape)
                        + " of " + type + ", got " + data.remaining());
            }
        } else {
            StringElements.check(data, Shapes.elements(shape));
        }
    }

    /** Number of elements. */
    public long elements() {
        return Shapes.elements(shape);
    }

    /** Size of axis 0, or 1 for a scalar. */
    public long rows() {
        return shape.length == 0 ? 1 : shape[0];
    }

    /** Bytes that the elements take. */
    public int byteSize() {
        return data.remaining();
    }

    /** A fresh little-endian view of the bytes: its position and limit are the caller's own. */
    @Override
    public ByteBuffer data() {
        return data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Type and shape, never the values: {@code FP32[2,3]}. */
    @Override
    public String toString() {
        return type + Shapes.text(shape);
    }

    /** Whether type, shape and bytes are the same. */
    public boolean sameAs(Tensor other) {
        return type == other.type && Arrays.equals(shape, other.shape) && data.equals(other.data);
    }
}
