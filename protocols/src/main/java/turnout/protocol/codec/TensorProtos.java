package turnout.protocol.codec;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.util.Optional;
import turnout.protocol.tensorflow.TensorProto;
import turnout.protocol.tensorflow.TensorShapeProto;
import turnout.spi.DataType;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.Shapes;
import turnout.spi.Tensor;

/**
 * Converts tensors between TensorFlow's message and the SPI's record.
 *
 * <p>The rules are TensorFlow's: a non-empty {@code tensor_content} wins; otherwise the typed list of the element type counts, whose last
 * value fills up what is missing, zeros (empty strings) when there is none, and whose surplus is cut.
 */
public final class TensorProtos {
    /**
     * What a tensor may grow by when its last value is repeated: a few bytes on the wire must not become gigabytes here. Values that were
     * sent do not count.
     */
    public static final int MAX_FILLED_BYTES = 64 << 20;

    private TensorProtos() {}

    /**
     * Reads a tensor, filling up at most {@value #MAX_FILLED_BYTES} bytes.
     *
     * @see #decode(TensorProto, long)
     */
    public static Tensor decode(TensorProto proto) {
        return decode(proto, MAX_FILLED_BYTES);
    }

    /**
     * Reads a tensor. Numbers sent as {@code tensor_content} are not copied: the result shares the message's memory.
     *
     * @param maxFilledBytes how many bytes may come from repeating the last value; callers that read many tensors of one message hand
     *     down what is left of their budget
     * @throws InferenceException {@link ErrorCode#INVALID_INPUT} when shape and values do not fit each other or a limit is exceeded,
     *     {@link ErrorCode#UNSUPPORTED} for an element type that no {@link DataType} stands for; nothing of the declared size has been
     *     allocated then
     */
    public static Tensor decode(TensorProto proto, long maxFilledBytes) {
        DataType type = supported(proto.getDtype());
        long[] shape = shape(proto.getTensorShape());
        int leastBytes = Shapes.byteSize(type, shape);
        ByteString content = proto.getTensorContent();
        if (!content.isEmpty()) {
            ByteBuffer data = type == DataType.BYTES
                    ? StringContent.read(content, leastBytes / Integer.BYTES)
                    : content.asReadOnlyByteBuffer();
            return new Tensor(type, shape, data);
        }
        return new Tensor(
                type,
                shape,
                type == DataType.BYTES
                        ? TypedLists.readStrings(proto, leastBytes / Integer.BYTES, maxFilledBytes)
                        : TypedLists.readNumbers(proto, type, leastBytes / type.width(), maxFilledBytes));
    }

    /**
     * Writes a tensor as {@code tensor_content}, strings as {@code string_val}. Numbers are not copied: the message shares the tensor's
     * memory and is valid as long as that is.
     */
    public static TensorProto encode(Tensor tensor) {
        TensorProto.Builder proto = start(tensor);
        if (tensor.type() == DataType.BYTES) {
            TypedLists.writeStrings(proto, tensor);
        } else {
            proto.setTensorContent(UnsafeByteOperations.unsafeWrap(tensor.data()));
        }
        return proto.build();
    }

    /** Writes a tensor into the typed list of its element type, the form in which TensorFlow Serving answers; everything is copied. */
    public static TensorProto encodeLists(Tensor tensor) {
        TensorProto.Builder proto = start(tensor);
        if (tensor.type() == DataType.BYTES) {
            TypedLists.writeStrings(proto, tensor);
        } else {
            TypedLists.writeNumbers(proto, tensor);
        }
        return proto.build();
    }

    /** Our type for a wire type, empty for what we do not carry (complex, quantised, references, resources). */
    public static Optional<DataType> dataType(turnout.protocol.tensorflow.DataType wire) {
        return Optional.ofNullable(
                switch (wire) {
                    case DT_BOOL -> DataType.BOOL;
                    case DT_UINT8 -> DataType.UINT8;
                    case DT_UINT16 -> DataType.UINT16;
                    case DT_UINT32 -> DataType.UINT32;
                    case DT_UINT64 -> DataType.UINT64;
                    case DT_INT8 -> DataType.INT8;
                    case DT_INT16 -> DataType.INT16;
                    case DT_INT32 -> DataType.INT32;
                    case DT_INT64 -> DataType.INT64;
                    case DT_HALF -> DataType.FP16;
                    case DT_BFLOAT16 -> DataType.BF16;
                    case DT_FLOAT -> DataType.FP32;
                    case DT_DOUBLE -> DataType.FP64;
                    case DT_STRING -> DataType.BYTES;
                    default -> null;
                });
    }

    /** The wire type for ours; every one of ours has one. */
    public static turnout.protocol.tensorflow.DataType wireType(DataType type) {
        return switch (type) {
            case BOOL -> turnout.protocol.tensorflow.DataType.DT_BOOL;
            case UINT8 -> turnout.protocol.tensorflow.DataType.DT_UINT8;
            case UINT16 -> turnout.protocol.tensorflow.DataType.DT_UINT16;
            case UINT32 -> turnout.protocol.tensorflow.DataType.DT_UINT32;
            case UINT64 -> turnout.protocol.tensorflow.DataType.DT_UINT64;
            case INT8 -> turnout.protocol.tensorflow.DataType.DT_INT8;
            case INT16 -> turnout.protocol.tensorflow.DataType.DT_INT16;
            case INT32 -> turnout.protocol.tensorflow.DataType.DT_INT32;
            case INT64 -> turnout.protocol.tensorflow.DataType.DT_INT64;
            case FP16 -> turnout.protocol.tensorflow.DataType.DT_HALF;
            case BF16 -> turnout.protocol.tensorflow.DataType.DT_BFLOAT16;
            case FP32 -> turnout.protocol.tensorflow.DataType.DT_FLOAT;
            case FP64 -> turnout.protocol.tensorflow.DataType.DT_DOUBLE;
            case BYTES -> turnout.protocol.tensorflow.DataType.DT_STRING;
        };
    }

    /** A shape of those dimensions. */
    public static TensorShapeProto shapeProto(long[] dims) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (long dim : dims) {
            shape.addDimBuilder().setSize(dim);
        }
        return shape.build();
    }

    /** As {@link #dataType}, refusing what we do not carry. */
    static DataType supported(turnout.protocol.tensorflow.DataType wire) {
        return dataType(wire).orElseThrow(() -> switch (wire) {
            case DT_INVALID, UNRECOGNIZED -> InferenceException.invalidInput("a tensor has no known dtype");
            default -> new InferenceException(ErrorCode.UNSUPPORTED, "tensors of " + wire + " are not supported");
        });
    }

    private static long[] shape(TensorShapeProto proto) {
        if (proto.getUnknownRank()) {
            throw InferenceException.invalidInput("a tensor has an unknown rank, expected its actual shape");
        }
        if (proto.getDimCount() > Shapes.MAX_RANK) {
            throw InferenceException.invalidInput(
                    "rank " + proto.getDimCount() + " exceeds the limit of " + Shapes.MAX_RANK);
        }
        long[] shape = new long[proto.getDimCount()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = proto.getDim(i).getSize();
        }
        return shape;
    }

    private static TensorProto.Builder start(Tensor tensor) {
        return TensorProto.newBuilder().setDtype(wireType(tensor.type())).setTensorShape(shapeProto(tensor.shape()));
    }
}
