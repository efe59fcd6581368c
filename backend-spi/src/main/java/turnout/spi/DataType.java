package turnout.spi;

import java.util.Locale;
import java.util.Optional;

/** Element type of a tensor, named as the Open Inference Protocol names it, with the width of one element in bytes. */
public enum DataType {
    BOOL(1),
    UINT8(1),
    UINT16(2),
    UINT32(4),
    UINT64(8),
    INT8(1),
    INT16(2),
    INT32(4),
    INT64(8),
    FP16(2),
    BF16(2),
    FP32(4),
    FP64(8),
    /** Byte strings of any length; see {@link Tensor} for their layout. */
    BYTES(0);

    private final int width;

    DataType(int width) {
        this.width = width;
    }

    /** Bytes of one element, or 0 for {@link #BYTES}, whose elements differ in length. */
    public int width() {
        return width;
    }

    /** Whether every element has the same width. */
    public boolean isFixedWidth() {
        return width > 0;
    }

    /** The type of that protocol name ({@code "FP32"}), empty if there is none; upper case only, as the protocol demands. */
    public static Optional<DataType> named(String name) {
        for (DataType type : values()) {
            if (type.name().equals(name)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    /** The name in lower case, for messages and metric tags. */
    public String lowerName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
