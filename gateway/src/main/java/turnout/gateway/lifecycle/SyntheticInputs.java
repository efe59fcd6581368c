package turnout.gateway.lifecycle;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import turnout.spi.DataType;
import turnout.spi.StringElements;
import turnout.spi.TensorSpec;

/**
 * Makes up inputs for a signature: small numbers, which are legal where a model looks rows up by index as well as where it computes.
 *
 * @param otherDims size of declared dimensions of any size, axis 0 left out
 * @param fill what the elements are
 */
record SyntheticInputs(int otherDims, Fill fill) {
    /** Elements of one row that are still quick to make and to run. */
    private static final long MOST_ELEMENTS = 1 << 20;

    /** Tried in this order; the first that a signature takes is used from then on. */
    static final List<SyntheticInputs> ATTEMPTS = List.of(
            new SyntheticInputs(1, Fill.SMALL),
            new SyntheticInputs(2, Fill.SMALL),
            new SyntheticInputs(1, Fill.ZERO),
            new SyntheticInputs(32, Fill.SMALL));

    /** What elements are. */
    enum Fill {
        /** Zeros and empty strings. */
        ZERO,
        /** 0 to 1, short strings. */
        SMALL
    }

    /**
     * The shape that it gives a tensor of so many rows; empty when that would be too large to be worth a try.
     *
     * @param rows size of axis 0, if that may be any
     */
    Optional<long[]> shape(TensorSpec spec, int rows) {
        long[] shape = spec.hasUnknownRank() ? new long[] {-1} : spec.shape();
        long elements = 1;
        for (int i = 0; i < shape.length; i++) {
            if (shape[i] == -1) {
                shape[i] = i == 0 ? rows : otherDims;
            }
            elements *= Math.max(1, shape[i]);
            if (elements > MOST_ELEMENTS * rows) {
                return Optional.empty();
            }
        }
        return Optional.of(shape);
    }

    /**
     * The elements, little-endian.
     *
     * @param seed rows of different seeds differ
     */
    ByteBuffer elements(DataType type, int count, int seed) {
        if (type == DataType.BYTES) {
            return strings(count, seed);
        }
        ByteBuffer data = ByteBuffer.allocate(count * type.width()).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            // A step that is no divisor of usual row lengths, so that rows differ from one another too.
            put(data, type, fill == Fill.ZERO ? 0 : (i * 7 + seed * 3 + (i / 5)) % 9);
        }
        return data.flip();
    }

    /** Writes a number of 0 to 8 eighths, or the bit that is its lowest where only whole numbers go. */
    private static void put(ByteBuffer data, DataType type, int eighths) {
        int bit = eighths & 1;
        switch (type) {
            case BOOL, UINT8, INT8 -> data.put((byte) bit);
            case UINT16, INT16 -> data.putShort((short) bit);
            case UINT32, INT32 -> data.putInt(bit);
            case UINT64, INT64 -> data.putLong(bit);
            case FP16 -> data.putShort((short) half(eighths / 8f));
            case BF16 -> data.putShort((short) (Float.floatToIntBits(eighths / 8f) >>> 16));
            case FP32 -> data.putFloat(eighths / 8f);
            case FP64 -> data.putDouble(eighths / 8d);
            case BYTES -> throw new AssertionError("strings are written elsewhere");
        }
    }

    private ByteBuffer strings(int count, int seed) {
        List<byte[]> strings = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String text = fill == Fill.ZERO ? "" : String.valueOf((char) ('a' + (i + seed) % 3));
            strings.add(text.getBytes(StandardCharsets.UTF_8));
        }
        return StringElements.write(strings);
    }

    /** Exact for eighths up to 1: their fractions fit, and none is subnormal. */
    private static int half(float value) {
        if (value == 0) {
            return 0;
        }
        int bits = Float.floatToIntBits(value);
        int exponent = ((bits >>> 23) & 0xff) - 127 + 15;
        return (exponent << 10) | ((bits >>> 13) & 0x3ff);
    }
}
