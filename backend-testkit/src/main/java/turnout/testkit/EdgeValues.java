package turnout.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static turnout.testkit.Tensors.bits;
import static turnout.testkit.Tensors.shape;

import turnout.spi.DataType;
import turnout.spi.Tensor;

/** The values of each type that are most easily lost on the way: the ends of the range, signed zero, subnormals, NaN payloads. */
final class EdgeValues {
    private EdgeValues() {}

    /** A vector of them; none is a string that is not UTF-8. */
    static Tensor of(DataType type) {
        return switch (type) {
            case BOOL -> vector(type, 0, 1, 1, 0);
            case UINT8, INT8 -> vector(type, 0, 1, 0x7F, 0x80, 0xFF);
            case UINT16, INT16 -> vector(type, 0, 1, 0x00FF, 0x7FFF, 0x8000, 0xFFFF);
            case UINT32, INT32 -> vector(type, 0, 1, 0x0000FFFF, 0x7FFFFFFF, 0x80000000L, 0xFFFFFFFFL, 0x01020304);
            // 2^53 + 1 is the first whole number that a double cannot hold.
            case UINT64, INT64 -> vector(type, 0, 1, Long.MAX_VALUE, Long.MIN_VALUE, -1, (1L << 53) + 1);
            // Zeros, one, infinities, subnormal, greatest, quiet and signalling NaN with payloads.
            case FP16 -> vector(type, 0, 0x8000, 0x3C00, 0x7C00, 0xFC00, 0x0001, 0x7BFF, 0x7E01, 0xFE55, 0x7D01);
            case BF16 -> vector(type, 0, 0x8000, 0x3F80, 0x7F80, 0xFF80, 0x0001, 0x7F7F, 0x7FC1, 0xFFD5, 0x7F81);
            case FP32 ->
                vector(
                        type,
                        0,
                        0x80000000L,
                        0x3F800000,
                        0x7F800000,
                        0xFF800000L,
                        0x00000001,
                        0x7F7FFFFF,
                        0x7FC12345,
                        0xFFD54321L,
                        0x7F812345);
            case FP64 ->
                vector(
                        type,
                        0,
                        0x8000000000000000L,
                        0x3FF0000000000000L,
                        0x7FF0000000000000L,
                        0xFFF0000000000000L,
                        1,
                        0x7FEFFFFFFFFFFFFFL,
                        0x7FF8123456789ABCL,
                        0xFFFA987654321000L,
                        0x7FF4123456789ABCL);
            case BYTES -> strings();
        };
    }

    /** Bytes that no UTF-8 text has: a lone continuation, a cut sequence, an overlong form, a surrogate. */
    static Tensor binaryStrings() {
        return Tensors.strings(
                shape(5),
                "plain".getBytes(UTF_8),
                raw(0xFF, 0xFE, 0x00, 0x80),
                raw(0xC3),
                raw(0xC0, 0xAF),
                raw(0xED, 0xA0, 0x80));
    }

    private static Tensor strings() {
        return Tensors.strings(
                "", "plain", "a\0b\0", "\0", "Grüße 😀 日本", "\r\n\t\"\\", "x".repeat(70_000), "\uFEFFbom", "");
    }

    private static Tensor vector(DataType type, long... values) {
        return bits(type, shape(values.length), values);
    }

    private static byte[] raw(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
