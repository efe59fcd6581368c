package turnout.gateway.edge.tfserving;

import turnout.spi.DataType;

/** TensorFlow's words for element types, as they stand in messages. */
final class TypeNames {
    private TypeNames() {}

    static String of(DataType type) {
        return switch (type) {
            case BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64 -> type.lowerName();
            case FP16 -> "half";
            case BF16 -> "bfloat16";
            case FP32 -> "float";
            case FP64 -> "double";
            case BYTES -> "string";
        };
    }
}
