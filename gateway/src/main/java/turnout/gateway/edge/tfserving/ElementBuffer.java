package turnout.gateway.edge.tfserving;

import java.nio.ByteBuffer;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.gateway.edge.NumberText;
import turnout.spi.DataType;
import turnout.spi.Tensor;

/** Elements of one type, read from JSON values one by one into the tensor's own bytes: nothing is boxed, nothing is copied again. */
final class ElementBuffer {
    private final DataType type;
    private final ByteSink bytes;
    private long count;

    /**
     * @param capacity bytes to begin with
     */
    ElementBuffer(DataType type, int capacity) {
        this.type = type;
        this.bytes = new ByteSink(capacity);
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

    /**
     * Reads the value at the cursor and, of the list that it stands in, as many that follow as can be read in one go.
     *
     * @return how many were read
     */
    int addRun(JsonCursor cursor) {
        int read = type == DataType.FP32 ? cursor.readFloats(bytes) : 0;
        if (read == 0) {
            add(cursor);
            return 1;
        }
        count += read;
        return read;
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
        if (!cursor.isAtNumber()) {
            return (float) word(cursor);
        }
        NumberText number = cursor.readNumber();
        return number.isWholeMinusZero() ? 0 : number.toFloat();
    }

    private double real(JsonCursor cursor) {
        if (!cursor.isAtNumber()) {
            return word(cursor);
        }
        NumberText number = cursor.readNumber();
        return number.isWholeMinusZero() ? 0 : number.toDouble();
    }

    private double word(JsonCursor cursor) {
        byte first = cursor.peek();
        if (first != '-' && first != 'N' && first != 'I') {
            throw mistyped(cursor, cursor.position());
        }
        cursor.skipNumber();
        return switch (first) {
            case 'N' -> Double.NaN;
            case '-' -> Double.NEGATIVE_INFINITY;
            default -> Double.POSITIVE_INFINITY;
        };
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
