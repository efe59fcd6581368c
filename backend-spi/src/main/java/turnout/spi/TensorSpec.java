package turnout.spi;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A declared input or output of a signature.
 *
 * @param name the alias that clients use
 * @param type element type
 * @param dims declared dimensions, -1 = any size; null when even the rank is unknown. Not to be written to; see {@link #shape()}
 * @param nativeName what the runtime calls the tensor ({@code "x:0"}), the alias where there is no other; for metadata only
 */
@SuppressWarnings("ArrayRecordComponent") // equality is defined below
public record TensorSpec(String name, DataType type, long @Nullable [] dims, String nativeName) {
    public TensorSpec {
        if (dims != null) {
            dims = dims.clone();
            for (long dim : dims) {
                if (dim < -1) {
                    throw new IllegalArgumentException("dimension of " + name + " must be at least -1, was " + dim);
                }
            }
        }
    }

    /** A tensor whose runtime name is its alias. */
    public static TensorSpec of(String name, DataType type, long... dims) {
        return new TensorSpec(name, type, dims, name);
    }

    /** Whether the rank is unknown: any shape fits. */
    public boolean hasUnknownRank() {
        return dims == null;
    }

    /** Declared dimensions; {@code [-1]} where the rank is unknown, which is how such a tensor is shown to clients. */
    public long[] shape() {
        return dims == null ? new long[] {-1} : dims.clone();
    }

    /** Whether axis 0 is declared to take any size: the mark of a tensor with one row per instance. */
    public boolean hasBatchAxis() {
        return dims != null && dims.length > 0 && dims[0] == -1;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TensorSpec that
                && name.equals(that.name)
                && type == that.type
                && Arrays.equals(dims, that.dims)
                && nativeName.equals(that.nativeName);
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, type, Arrays.hashCode(dims), nativeName);
    }

    @Override
    public String toString() {
        return name + ": " + type + (dims == null ? "[...]" : Shapes.text(dims));
    }
}
