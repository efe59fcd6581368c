package turnout.gateway.edge.openinference;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import turnout.gateway.call.RefusedException;
import turnout.protocol.openinference.InferTensorContents;
import turnout.spi.DataType;
import turnout.spi.Tensor;

/** Turns the typed contents of one input into a tensor: they must stand in the field of its type, in the right number and range. */
record TypedContents(String input, DataType type, InputCheck check) {
    Tensor tensor(long[] shape, InferTensorContents contents) {
        long wanted = check.elements(input, shape);
        int count = count(contents);
        if (others(contents) != count) {
            throw refused("its contents must be in " + field() + " alone, which is the field of " + type);
        }
        if (count != wanted) {
            throw refused("its contents have " + count + " elements, but its shape asks for " + wanted);
        }
        return check.tensor(input, type, shape, bytes(contents, count));
    }

    private int count(InferTensorContents contents) {
        return switch (type) {
            case BOOL -> contents.getBoolContentsCount();
            case INT8, INT16, INT32 -> contents.getIntContentsCount();
            case INT64 -> contents.getInt64ContentsCount();
            case UINT8, UINT16, UINT32 -> contents.getUintContentsCount();
            case UINT64 -> contents.getUint64ContentsCount();
            case FP32 -> contents.getFp32ContentsCount();
            case FP64 -> contents.getFp64ContentsCount();
            case BYTES -> contents.getBytesContentsCount();
            case FP16, BF16 -> throw refused(type + " has no typed contents: use raw_input_contents");
        };
    }

    private String field() {
        return switch (type) {
            case BOOL -> "bool_contents";
            case INT8, INT16, INT32 -> "int_contents";
            case INT64 -> "int64_contents";
            case UINT8, UINT16, UINT32 -> "uint_contents";
            case UINT64 -> "uint64_contents";
            case FP32 -> "fp32_contents";
            case FP64 -> "fp64_contents";
            case BYTES -> "bytes_contents";
            case FP16, BF16 -> "raw_input_contents";
        };
    }

    /** Elements in all fields together. */
    private static long others(InferTensorContents contents) {
        return (long) contents.getBoolContentsCount()
                + contents.getIntContentsCount()
                + contents.getInt64ContentsCount()
                + contents.getUintContentsCount()
                + contents.getUint64ContentsCount()
                + contents.getFp32ContentsCount()
                + contents.getFp64ContentsCount()
                + contents.getBytesContentsCount();
    }

    private ByteBuffer bytes(InferTensorContents contents, int count) {
        if (type == DataType.BYTES) {
            return strings(contents.getBytesContentsList());
        }
        ByteBuffer out =
                ByteBuffer.allocate(Math.multiplyExact(count, type.width())).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            switch (type) {
                case BOOL -> out.put((byte) (contents.getBoolContents(i) ? 1 : 0));
                case INT8 -> out.put((byte) within(contents.getIntContents(i), Byte.MIN_VALUE, Byte.MAX_VALUE));
                case INT16 ->
                    out.putShort((short) within(contents.getIntContents(i), Short.MIN_VALUE, Short.MAX_VALUE));
                case INT32 -> out.putInt(contents.getIntContents(i));
                case INT64 -> out.putLong(contents.getInt64Contents(i));
                // uint32 beyond 2^31 is negative here, and so outside.
                case UINT8 -> out.put((byte) within(contents.getUintContents(i), 0, 0xff));
                case UINT16 -> out.putShort((short) within(contents.getUintContents(i), 0, 0xffff));
                case UINT32 -> out.putInt(contents.getUintContents(i));
                case UINT64 -> out.putLong(contents.getUint64Contents(i));
                case FP32 -> out.putFloat(contents.getFp32Contents(i));
                case FP64 -> out.putDouble(contents.getFp64Contents(i));
                case FP16, BF16, BYTES -> throw new IllegalStateException(type + " was handled before");
            }
        }
        return out.flip();
    }

    private int within(int value, int least, int most) {
        if (value < least || value > most) {
            throw refused("its contents hold " + value + ", which is not a value that " + type + " can hold");
        }
        return value;
    }

    private static ByteBuffer strings(List<ByteString> elements) {
        long size = 0;
        for (ByteString element : elements) {
            size += Integer.BYTES + (long) element.size();
        }
        ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(size)).order(ByteOrder.LITTLE_ENDIAN);
        for (ByteString element : elements) {
            out.putInt(element.size());
            element.copyTo(out);
        }
        return out.flip();
    }

    private RefusedException refused(String text) {
        return check.asked()
                .refused("input '" + Asked.shown(input) + "'" + check.asked().forModel() + ": " + text);
    }
}
