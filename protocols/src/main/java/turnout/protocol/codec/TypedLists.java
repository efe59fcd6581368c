package turnout.protocol.codec;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import turnout.protocol.tensorflow.TensorProto;
import turnout.spi.DataType;
import turnout.spi.InferenceException;
import turnout.spi.Tensor;

/** Reads and writes the typed lists of a tensor message ({@code float_val}, {@code int_val}, ...). */
final class TypedLists {
    private TypedLists() {}

    /** The values of a fixed-width type, repeated or cut to so many elements. */
    static ByteBuffer readNumbers(TensorProto proto, DataType type, int elements, long maxFilledBytes) {
        int sent = Math.min(count(proto, type), elements);
        checkFilled((long) (elements - sent) * type.width(), sent, elements, maxFilledBytes);
        byte[] bytes = new byte[elements * type.width()];
        ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        copyNumbers(proto, type, sent, out);
        if (sent > 0) {
            repeatLast(bytes, out.position(), type.width());
        }
        return out.rewind();
    }

    /** The strings, repeated or cut to so many elements, in the SPI's layout. */
    static ByteBuffer readStrings(TensorProto proto, int elements, long maxFilledBytes) {
        int sent = Math.min(proto.getStringValCount(), elements);
        ByteString last = sent == 0 ? ByteString.EMPTY : proto.getStringVal(sent - 1);
        long filled = (long) (elements - sent) * (Integer.BYTES + (long) last.size());
        checkFilled(filled, sent, elements, maxFilledBytes);
        long size = filled;
        for (int i = 0; i < sent; i++) {
            size += Integer.BYTES + (long) proto.getStringVal(i).size();
        }
        ByteBuffer out = StringContent.allocate(size);
        for (int i = 0; i < elements; i++) {
            ByteString value = i < sent ? proto.getStringVal(i) : last;
            out.putInt(value.size());
            value.copyTo(out);
        }
        return out.flip();
    }

    /** Adds all elements of a fixed-width tensor. */
    static void writeNumbers(TensorProto.Builder proto, Tensor tensor) {
        ByteBuffer data = tensor.data();
        while (data.hasRemaining()) {
            switch (tensor.type()) {
                case BOOL -> proto.addBoolVal(data.get() != 0);
                case INT8 -> proto.addIntVal(data.get());
                case UINT8 -> proto.addIntVal(Byte.toUnsignedInt(data.get()));
                case INT16 -> proto.addIntVal(data.getShort());
                case UINT16 -> proto.addIntVal(Short.toUnsignedInt(data.getShort()));
                case INT32 -> proto.addIntVal(data.getInt());
                case UINT32 -> proto.addUint32Val(data.getInt());
                case INT64 -> proto.addInt64Val(data.getLong());
                case UINT64 -> proto.addUint64Val(data.getLong());
                case FP16, BF16 -> proto.addHalfVal(Short.toUnsignedInt(data.getShort()));
                case FP32 -> proto.addFloatVal(data.getFloat());
                case FP64 -> proto.addDoubleVal(data.getDouble());
                case BYTES -> throw new IllegalArgumentException("strings have no fixed width");
            }
        }
    }

    /** Adds all elements of a string tensor. */
    static void writeStrings(TensorProto.Builder proto, Tensor tensor) {
        ByteBuffer data = tensor.data();
        while (data.hasRemaining()) {
            int length = data.getInt();
            proto.addStringVal(UnsafeByteOperations.unsafeWrap(data.slice(data.position(), length)));
            data.position(data.position() + length);
        }
    }

    private static int count(TensorProto proto, DataType type) {
        return switch (type) {
            case BOOL -> proto.getBoolValCount();
            case INT8, UINT8, INT16, UINT16, INT32 -> proto.getIntValCount();
            case UINT32 -> proto.getUint32ValCount();
            case INT64 -> proto.getInt64ValCount();
            case UINT64 -> proto.getUint64ValCount();
            case FP16, BF16 -> proto.getHalfValCount();
            case FP32 -> proto.getFloatValCount();
            case FP64 -> proto.getDoubleValCount();
            case BYTES -> proto.getStringValCount();
        };
    }

    // One loop per width and list, so that each stays a tight loop: this is where large answers spend their time.
    private static void copyNumbers(TensorProto proto, DataType type, int sent, ByteBuffer out) {
        switch (type) {
            case BOOL -> {
                for (int i = 0; i < sent; i++) {
                    out.put((byte) (proto.getBoolVal(i) ? 1 : 0));
                }
            }
            case INT8, UINT8 -> {
                for (int i = 0; i < sent; i++) {
                    out.put((byte) proto.getIntVal(i));
                }
            }
            case INT16, UINT16 -> {
                for (int i = 0; i < sent; i++) {
                    out.putShort((short) proto.getIntVal(i));
                }
            }
            case INT32 -> {
                for (int i = 0; i < sent; i++) {
                    out.putInt(proto.getIntVal(i));
                }
            }
            case UINT32 -> {
                for (int i = 0; i < sent; i++) {
                    out.putInt(proto.getUint32Val(i));
                }
            }
            case INT64 -> {
                for (int i = 0; i < sent; i++) {
                    out.putLong(proto.getInt64Val(i));
                }
            }
            case UINT64 -> {
                for (int i = 0; i < sent; i++) {
                    out.putLong(proto.getUint64Val(i));
                }
            }
            case FP16, BF16 -> {
                for (int i = 0; i < sent; i++) {
                    out.putShort((short) proto.getHalfVal(i));
                }
            }
            case FP32 -> {
                for (int i = 0; i < sent; i++) {
                    out.putFloat(proto.getFloatVal(i));
                }
            }
            case FP64 -> {
                for (int i = 0; i < sent; i++) {
                    out.putDouble(proto.getDoubleVal(i));
                }
            }
            case BYTES -> throw new IllegalArgumentException("strings have no fixed width");
        }
    }

    private static void repeatLast(byte[] bytes, int end, int width) {
        for (int from = end; from < bytes.length; from++) {
            bytes[from] = bytes[from - width];
        }
    }

    private static void checkFilled(long filledBytes, int sent, int elements, long maxFilledBytes) {
        if (filledBytes > maxFilledBytes) {
            throw InferenceException.invalidInput("a tensor has " + sent + " values for " + elements
                    + " elements; filling it up takes " + filledBytes + " bytes, the limit is " + maxFilledBytes);
        }
    }
}
