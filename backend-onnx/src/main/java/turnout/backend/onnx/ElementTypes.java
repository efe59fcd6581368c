package turnout.backend.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.TensorInfo.OnnxTensorType;
import java.util.Optional;
import turnout.spi.DataType;

/** The runtime's element types and ours. */
final class ElementTypes {
    private ElementTypes() {}

    /** Ours for the runtime's, empty for what we do not carry (complex numbers, 8-bit floats). */
    static Optional<DataType> ofNative(OnnxTensorType type) {
        return Optional.ofNullable(
                switch (type) {
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL -> DataType.BOOL;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8 -> DataType.UINT8;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16 -> DataType.UINT16;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32 -> DataType.UINT32;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64 -> DataType.UINT64;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8 -> DataType.INT8;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16 -> DataType.INT16;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32 -> DataType.INT32;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64 -> DataType.INT64;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16 -> DataType.FP16;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16 -> DataType.BF16;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT -> DataType.FP32;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE -> DataType.FP64;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING -> DataType.BYTES;
                    default -> null;
                });
    }

    /** The runtime's Java type by which a tensor over a buffer is made, empty where its public interface has none. */
    static Optional<OnnxJavaType> javaType(DataType type) {
        return switch (type) {
            case BOOL -> Optional.of(OnnxJavaType.BOOL);
            case UINT8 -> Optional.of(OnnxJavaType.UINT8);
            case INT8 -> Optional.of(OnnxJavaType.INT8);
            case INT16 -> Optional.of(OnnxJavaType.INT16);
            case INT32 -> Optional.of(OnnxJavaType.INT32);
            case INT64 -> Optional.of(OnnxJavaType.INT64);
            case FP16 -> Optional.of(OnnxJavaType.FLOAT16);
            case BF16 -> Optional.of(OnnxJavaType.BFLOAT16);
            case FP32 -> Optional.of(OnnxJavaType.FLOAT);
            case FP64 -> Optional.of(OnnxJavaType.DOUBLE);
            case UINT16, UINT32, UINT64, BYTES -> Optional.empty();
        };
    }
}
