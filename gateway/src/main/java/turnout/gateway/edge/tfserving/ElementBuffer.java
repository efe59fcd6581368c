package turnout.gateway.edge.tfserving;

import ch.randelshofer.fastdoubleparser.JavaDoubleParser;
import ch.randelshofer.fastdoubleparser.JavaFloatParser;
import java.nio.ByteBuffer;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.spi.DataType;
import turnout.spi.Tensor;

/** Elements of one type, read from JSON values one by one into the tensor's own bytes: nothing is boxed, nothing is copied again. */
final class ElementBuffer {
    private final DataType type;
    private final ByteSink bytes;
    private long count;

    /**
     * @param textLength characters that hold the elements, as far as is known
     */
    ElementBuffer(DataType type, int textLength) {
        this.type = type;
        this.bytes = new ByteSink(Math.max(64, textLength / 2));
    }

    long count() {
        return count;
    }

    /** What was read, as a tensor of that shape. */
    Tensor toTensor(long[] shape) {
        return new Tensor(type, shape, ByteBuffer.wrap(bytes.array(), 0, bytes.size()));
    }

    /** Reads the value at the cursor, which is not a list and was checked to be JSON before. */
    void add(JsonCursor cursor) {
        switch (type) {
            case BOOL -> bytes.put(bool(cursor) ? 1 : 0);
            case UINT8 -> bytes.put((int) integer(cursor, 0, 0xFF));
            case UINT16 -> bytes.putShort((int) integer(cursor, 0, 0xFFFF));
            case UINT32 -> bytes.putInt((int) integer(cursor, 0, 0xFFFF_FFFFL));
            case UINT64 -> bytes.putLong(unsigned(cursor));
            case INT8 -> bytes.put((int) integer(cursor, Byte.MIN_VALUE, Byte.MAX_VALUE));
            case INT16 -> bytes.putShort((int) integer(cursor, Short.MIN_VALUE, Short.MAX_VALUE));
            case INT32 -> bytes.putInt((int) integer(cursor, Integer.MIN_VALUE, Integer.MAX_VALUE));
            case INT64 -> bytes.putLong(integer(cursor, Long.MIN_VALUE, Long.MAX_VALUE));
            case FP16 -> bytes.putShort(SixteenBits.half(real(cursor)));
            case BF16 -> bytes.putShort(SixteenBits.bfloat16(real(cursor)));
            case FP32 -> bytes.putInt(Float.floatToRawIntBits(single(cursor)));
            case FP64 -> bytes.putLong(Double.doubleToRawLongBits(real(cursor)));
            case BYTES -> string(cursor);
        }
        count++;
    }

    private boolean bool(JsonCursor cursor) {
        byte first = cursor.peek();
        if (first != 't' && first != 'f') {
            throw mistyped(cursor, cursor.position());
        }
        cursor.skipValue();
        return first == 't';
    }

    private long integer(JsonCursor cursor, long least, long most) {
        int start = cursor.position();
        boolean isNegative = cursor.peek() == '-';
        if (isNegative) {
            cursor.take();
        }
        // Counted below zero, where there is one number more.
        long value = 0;
        int digits = 0;
        while (JsonCursor.isDigit(cursor.peek())) {
            int digit = cursor.take() - '0';
            if (value < (Long.MIN_VALUE + digit) / 10) {
                throw mistyped(cursor, start);
            }
            value = value * 10 - digit;
            digits++;
        }
        if (digits == 0 || isReal(cursor.peek()) || (!isNegative && value == Long.MIN_VALUE)) {
            throw mistyped(cursor, start);
        }
        value = isNegative ? value : -value;
        if (value < least || value > most) {
            throw mistyped(cursor, start);
        }
        return value;
    }

    private long unsigned(JsonCursor cursor) {
        int start = cursor.position();
        long value = 0;
        int digits = 0;
        if (cursor.peek() == '-') {
            // Minus zero is the only one below zero that is in range.
            return integer(cursor, 0, 0);
        }
        while (JsonCursor.isDigit(cursor.peek())) {
            int digit = cursor.take() - '0';
            boolean overflows = Long.compareUnsigned(value, Long.divideUnsigned(-1L, 10)) > 0
                    || Long.compareUnsigned(value * 10 + digit, value * 10) < 0;
            if (overflows) {
                throw mistyped(cursor, start);
            }
            value = value * 10 + digit;
            digits++;
        }
        if (digits == 0 || isReal(cursor.peek())) {
            throw mistyped(cursor, start);
        }
        return value;
    }

    private static boolean isReal(byte sign) {
        return sign == '.' || sign == 'e' || sign == 'E';
    }

    private float single(JsonCursor cursor) {
        int start = cursor.position();
        if (isWord(cursor, start)) {
            return (float) word(cursor, start);
        }
        // Straight to float: by way of double some would be rounded twice.
        return isMinusZero(cursor, start)
                ? 0
                : JavaFloatParser.parseFloat(cursor.text(), start, cursor.position() - start);
    }

    private double real(JsonCursor cursor) {
        int start = cursor.position();
        if (isWord(cursor, start)) {
            return word(cursor, start);
        }
        return isMinusZero(cursor, start)
                ? 0
                : JavaDoubleParser.parseDouble(cursor.text(), start, cursor.position() - start);
    }

    /** Passes a number; true for {@code NaN} and the infinities. */
    private boolean isWord(JsonCursor cursor, int start) {
        byte[] text = cursor.text();
        byte first = text[start];
        if (JsonCursor.isDigit(first) || (first == '-' && JsonCursor.isDigit(text[start + 1]))) {
            cursor.passNumber();
            return false;
        }
        if (first != '-' && first != 'N' && first != 'I') {
            throw mistyped(cursor, start);
        }
        cursor.skipNumber();
        return true;
    }

    private static double word(JsonCursor cursor, int start) {
        return switch (cursor.text()[start]) {
            case 'N' -> Double.NaN;
            case '-' -> Double.NEGATIVE_INFINITY;
            default -> Double.POSITIVE_INFINITY;
        };
    }

    /** The integer token {@code -0} is plus zero to TensorFlow Serving; {@code -0.0} is not. */
    private static boolean isMinusZero(JsonCursor cursor, int start) {
        return cursor.position() - start == 2 && cursor.text()[start] == '-' && cursor.text()[start + 1] == '0';
    }

    private void string(JsonCursor cursor) {
        int lengthAt = bytes.size();
        bytes.putInt(0);
        if (cursor.peek() == '"') {
            cursor.readString(bytes);
        } else if (cursor.peek() == '{') {
            Base64Value.read(cursor, bytes);
        } else {
            throw mistyped(cursor, cursor.position());
        }
        bytes.setInt(lengthAt, bytes.size() - lengthAt - Integer.BYTES);
    }

    private RefusedException mistyped(JsonCursor cursor, int start) {
        cursor.moveTo(start);
        String kind = cursor.kind();
        return new RefusedException(new Refusal.Malformed("JSON Value: " + cursor.quote() + " Type: " + kind
                + " is not of expected type: " + TypeNames.of(type)));
    }
}
