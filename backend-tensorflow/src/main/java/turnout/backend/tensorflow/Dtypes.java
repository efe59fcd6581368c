package turnout.backend.tensorflow;

import java.util.Optional;
import turnout.spi.DataType;

/** TensorFlow's numbers for element types; the constants of the C API and of the protocol buffers are the same. */
final class Dtypes {
    private Dtypes() {}

    /** TensorFlow's number of a type. */
    static int number(DataType type) {
        return switch (type) {
            case FP32 -> 1;
            case FP64 -> 2;
            case INT32 -> 3;
            case UINT8 -> 4;
            case INT16 -> 5;
            case INT8 -> 6;
            case BYTES -> 7;
            case INT64 -> 9;
            case BOOL -> 10;
            case BF16 -> 14;
            case UINT16 -> 17;
            case FP16 -> 19;
            case UINT32 -> 22;
            case UINT64 -> 23;
        };
    }

    /** The type of that number; empty for those that no client can send (complex, quantized, resources ...). */
    static Optional<DataType> of(int number) {
        for (DataType type : DataType.values()) {
            if (number(type) == number) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
