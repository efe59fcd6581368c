package turnout.gateway.edge.openinference;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import turnout.gateway.call.RefusedException;
import turnout.spi.DataType;
import turnout.spi.Tensor;

/**
 * Turns the {@code data} array of one input into a tensor, straight into its bytes. The array's grammar was checked when the request was
 * read, so brackets and commas are only counted here. Nested or flat is the same: what counts is the number of elements.
 */
final class JsonData {
    /** Numbers with fewer digits cannot overflow a long. */
    private static final int SAFE_DIGITS = 18;

    private final JsonInput input;
    private final InputCheck check;
    private final JsonLexer lexer;

    // The tensor's bytes, and a view of them; numbers go through the view.
    private final byte[] bytes;
    private final ByteBuffer out;
    private int index;

    JsonData(byte[] body, JsonInput input, InputCheck check) {
        this.input = input;
        this.check = check;
        this.lexer = new JsonLexer(body, input.from(), input.to());
        this.bytes = new byte[size()];
        this.out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    Tensor read() {
        int deepest = Math.max(1, input.shape().length);
        long wanted = check.elements(input.name(), input.shape());
        int depth = 0;
        do {
            byte c = lexer.peek();
            switch (c) {
                case '[' -> {
                    lexer.take();
                    depth++;
                    if (depth > deepest) {
                        throw refused("is nested deeper than its shape, " + deepest + " levels");
                    }
                }
                case ']' -> {
                    lexer.take();
                    depth--;
                }
                case ',' -> lexer.take();
                default -> {
                    if (index == wanted) {
                        throw refused("has more than the " + wanted + " elements that its shape asks for");
                    }
                    int floats = floats(wanted);
                    if (floats == 0) {
                        element(c);
                    }
                    index += Math.max(1, floats);
                }
            }
        } while (depth > 0);
        if (index != wanted) {
            throw refused("has " + index + " elements, but its shape asks for " + wanted);
        }
        return check.tensor(input.name(), input.type(), input.shape(), out.flip());
    }

    /** Bytes to make room for; never more than a small multiple of the text, since every element takes two bytes of it at least. */
    private int size() {
        long text = input.to() - (long) input.from();
        long wanted = check.elements(input.name(), input.shape());
        if (wanted > text / 2) {
            throw refused("has fewer elements than the " + wanted + " that its shape asks for");
        }
        DataType type = input.type();
        long size = type.isFixedWidth() ? wanted * type.width() : wanted * Integer.BYTES + text;
        if (size > Integer.MAX_VALUE - 16) {
            throw refused("exceeds the limit of 2 GiB for one tensor");
        }
        return (int) size;
    }

    private void element(byte first) {
        switch (input.type()) {
            case BOOL -> out.put(bool(first));
            case UINT8 -> out.put((byte) whole(first, 0, 0xff));
            case UINT16 -> out.putShort((short) whole(first, 0, 0xffff));
            case UINT32 -> out.putInt((int) whole(first, 0, 0xffffffffL));
            case UINT64 -> out.putLong(unsigned(first));
            case INT8 -> out.put((byte) whole(first, Byte.MIN_VALUE, Byte.MAX_VALUE));
            case INT16 -> out.putShort((short) whole(first, Short.MIN_VALUE, Short.MAX_VALUE));
            case INT32 -> out.putInt((int) whole(first, Integer.MIN_VALUE, Integer.MAX_VALUE));
            case INT64 -> out.putLong(whole(first, Long.MIN_VALUE, Long.MAX_VALUE));
            case FP16 -> out.putShort(fp16(first));
            case BF16 -> out.putShort(bf16(first));
            case FP32 -> out.putFloat(fp32(first));
            case FP64 -> out.putDouble(fp64(first));
            case BYTES -> string(first);
        }
    }

    private byte bool(byte first) {
        if (first == 't' || first == 'f') {
            lexer.literal(first == 't' ? "true" : "false");
            return (byte) (first == 't' ? 1 : 0);
        }
        // Clients that keep booleans as bytes write 0 and 1.
        return (byte) whole(first, 0, 1);
    }

    private long whole(byte first, long least, long most) {
        number(first);
        long value;
        if (!lexer.isIntegral()) {
            throw wrongElement();
        }
        if (lexer.tokenTo() - lexer.tokenFrom() <= SAFE_DIGITS) {
            value = digits();
        } else {
            try {
                value = Long.parseLong(lexer.number());
            } catch (NumberFormatException e) {
                throw wrongElement();
            }
        }
        if (value < least || value > most) {
            throw wrongElement();
        }
        return value;
    }

    private long unsigned(byte first) {
        number(first);
        if (!lexer.isIntegral()) {
            throw wrongElement();
        }
        try {
            return Long.parseUnsignedLong(lexer.number());
        } catch (NumberFormatException e) {
            throw wrongElement();
        }
    }

    private float fp32(byte first) {
        if (!lexer.isAtNumber()) {
            return (float) word(first);
        }
        float value = lexer.readNumber().toFloat();
        checkFinite(Float.isInfinite(value));
        return value;
    }

    /** Reads simple floats in one go, but not more than are wanted. */
    private int floats(long wanted) {
        if (input.type() != DataType.FP32) {
            return 0;
        }
        int count = lexer.readFloats(bytes, out.position(), (int) (wanted - index));
        out.position(out.position() + count * Float.BYTES);
        return count;
    }

    private double fp64(byte first) {
        if (!lexer.isAtNumber()) {
            return word(first);
        }
        double value = lexer.readNumber().toDouble();
        checkFinite(Double.isInfinite(value));
        return value;
    }

    /** What is no number, or has no digits. */
    private double word(byte first) {
        number(first);
        return switch (first) {
            case 'N' -> Double.NaN;
            case '-' -> Double.NEGATIVE_INFINITY;
            default -> Double.POSITIVE_INFINITY;
        };
    }

    private short fp16(byte first) {
        short bits = HalfFloats.toFp16(fp64(first));
        checkFinite((bits & 0x7fff) == 0x7c00);
        return bits;
    }

    private short bf16(byte first) {
        short bits = HalfFloats.toBf16(fp32(first));
        checkFinite((bits & 0x7fff) == 0x7f80);
        return bits;
    }

    private void string(byte first) {
        if (first != '"') {
            throw wrongElement();
        }
        lexer.scanString();
        int at = out.position();
        int length = lexer.string(bytes, at + Integer.BYTES);
        out.putInt(length).position(at + Integer.BYTES + length);
    }

    private void number(byte first) {
        if (!JsonLexer.startsNumber(first)) {
            throw wrongElement();
        }
        lexer.scanNumber();
    }

    private long digits() {
        byte[] text = lexer.text();
        boolean negative = text[lexer.tokenFrom()] == '-';
        long value = 0;
        for (int i = lexer.tokenFrom() + (negative ? 1 : 0); i < lexer.tokenTo(); i++) {
            value = value * 10 + text[i] - '0';
        }
        return negative ? -value : value;
    }

    /** Refuses a number that only its size makes infinite; the word ends in a letter. */
    private void checkFinite(boolean infinite) {
        if (infinite && lexer.text()[lexer.tokenTo() - 1] != 'y') {
            throw wrongElement();
        }
    }

    private RefusedException wrongElement() {
        return refused("element " + index + " is not a value that " + input.type() + " can hold");
    }

    private RefusedException refused(String text) {
        return check.asked()
                .refused("data of input '" + Asked.shown(input.name()) + "'"
                        + check.asked().forModel() + ": " + text);
    }
}
