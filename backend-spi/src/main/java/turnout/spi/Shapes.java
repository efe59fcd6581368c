package turnout.spi;

import java.util.Arrays;

/** Arithmetic on shapes that refuses to overflow. */
public final class Shapes {
    /** Ranks beyond this are refused before anything is allocated. */
    public static final int MAX_RANK = 32;

    private Shapes() {}

    /**
     * Number of elements.
     *
     * @throws InferenceException {@link ErrorCode#INVALID_INPUT} when a dimension is negative, the rank exceeds {@value #MAX_RANK}
     *     or the product does not fit a long
     */
    public static long elements(long[] shape) {
        if (shape.length > MAX_RANK) {
            throw InferenceException.invalidInput("rank " + shape.length + " exceeds the limit of " + MAX_RANK);
        }
        long count = 1;
        boolean empty = false;
        for (long dim : shape) {
            if (dim < 0) {
                throw InferenceException.invalidInput("shape " + Arrays.toString(shape) + " has a negative dimension");
            }
            empty |= dim == 0;
        }
        if (empty) {
            return 0;
        }
        for (long dim : shape) {
            try {
                count = Math.multiplyExact(count, dim);
            } catch (ArithmeticException e) {
                throw InferenceException.invalidInput(
                        "shape " + Arrays.toString(shape) + " has more elements than can be counted");
            }
        }
        return count;
    }

    /**
     * Bytes that a tensor of this type and shape takes; for {@link DataType#BYTES} the least possible (one empty string each).
     *
     * @throws InferenceException as {@link #elements(long[])}, or when the size does not fit an int: one buffer holds at most 2 GiB
     */
    public static int byteSize(DataType type, long[] shape) {
        long count = elements(shape);
        int width = type.isFixedWidth() ? type.width() : Integer.BYTES;
        if (count > Integer.MAX_VALUE / width) {
            throw InferenceException.invalidInput(
                    "shape " + Arrays.toString(shape) + " of " + type + " exceeds the limit of 2 GiB for one tensor");
        }
        return (int) count * width;
    }

    /** Whether a concrete shape fits a declared one, in which -1 stands for any size and a null rank for any rank. */
    public static boolean fits(long[] shape, TensorSpec declared) {
        if (declared.hasUnknownRank()) {
            return true;
        }
        long[] wanted = declared.shape();
        if (wanted.length != shape.length) {
            return false;
        }
        for (int i = 0; i < wanted.length; i++) {
            if (wanted[i] >= 0 && wanted[i] != shape[i]) {
                return false;
            }
        }
        return true;
    }

    /** The shape as text without blanks, the way error messages write it: {@code [-1,4]}. */
    public static String text(long[] shape) {
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < shape.length; i++) {
            text.append(i == 0 ? "" : ",").append(shape[i]);
        }
        return text.append(']').toString();
    }
}
